Attribute VB_Name = "TwinCalls"
Option Explicit

' What the tests call: UNO can't make an IRibbonControl or pass an argument by reference.
Public Function ClickOn(ByVal commandTag As String) As String
    RibbonTradeAlloc.TA_Run ControlWith(commandTag)
    ClickOn = TA_LastCommand()
End Function

' What Undo (Ctrl+Z) runs.
Public Function PressUndo() As String
    RibbonTradeAlloc.TA_Undo
    PressUndo = TA_LastCommand()
End Function

Public Function IsUndoable(ByVal book As String) As Boolean
    If book = "" Then book = ActiveWorkbook.FullName
    IsUndoable = RibbonTradeAlloc.TA_IsUndoable(book)
End Function

Public Function StatusLabel() As String
    Dim label As Variant
    RibbonTradeAlloc.TA_GetStatus ControlWith(""), label
    StatusLabel = label
End Function

Public Function IsEnabled(ByVal commandTag As String) As Boolean
    Dim enabled As Variant
    RibbonTradeAlloc.TA_GetEnabled ControlWith(commandTag), enabled
    IsEnabled = enabled
End Function

Public Function IsStray(ByVal link As String, ByVal here As String) As Boolean
    IsStray = TA_IsStrayLink(link, here)
End Function

Private Function ControlWith(ByVal commandTag As String) As Object
    Dim control As Object
    Set control = New StubControl
    control.Tag = commandTag
    Set ControlWith = control
End Function
