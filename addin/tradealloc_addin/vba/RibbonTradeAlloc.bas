Attribute VB_Name = "RibbonTradeAlloc"
Option Explicit

Private Const TITLE As String = "TradeAlloc"
Private Const STARTS_A_BOOK As String = "new_"

Private ribbon As IRibbonUI
Private lastStatus As String
Private undoneIn As String

Public Sub TA_OnLoad(ByVal loaded As IRibbonUI)
    Set ribbon = loaded
End Sub

Public Sub TA_Run(ByVal control As IRibbonControl)
    If ActiveWorkbook Is Nothing Then
        If Left$(control.Tag, Len(STARTS_A_BOOK)) <> STARTS_A_BOOK Then
            MsgBox "Open a workbook first.", vbInformation, TITLE
            Exit Sub
        End If
        ' Python is called from a workbook, so there has to be one.
        Workbooks.Add
    End If
    If TA_IsEditing() Then
        MsgBox "Finish the cell that you are typing in (Enter or Esc), then try again.", vbInformation, TITLE
        Exit Sub
    End If
    TA_Command control.Tag
End Sub

' Undo (Ctrl+Z) after a run comes here, whichever workbook is in front by then.
Public Sub TA_Undo()
    If ActiveWorkbook Is Nothing Then Exit Sub
    If Not TA_IsUndoable(ActiveWorkbook.FullName) Then
        MsgBox "The run was in " & undoneIn & ": go there and press Undo last run.", vbInformation, TITLE
        Exit Sub
    End If
    TA_Command "undo"
End Sub

' Whether the run that Ctrl+Z takes back was in that workbook.
Public Function TA_IsUndoable(ByVal book As String) As Boolean
    TA_IsUndoable = (book = undoneIn)
End Function

' The examples as a workbook of the user's own.
Public Sub TA_Examples(ByVal control As IRibbonControl)
    ThisWorkbook.Worksheets("Examples").Copy
End Sub

Public Sub TA_GetEnabled(ByVal control As IRibbonControl, ByRef enabled As Variant)
    If Left$(control.Tag, Len(STARTS_A_BOOK)) = STARTS_A_BOOK Then
        enabled = True
    Else
        enabled = Not (ActiveWorkbook Is Nothing)
    End If
End Sub

Public Sub TA_GetStatus(ByVal control As IRibbonControl, ByRef label As Variant)
    If lastStatus = "" Then
        label = "Ready"
    Else
        label = lastStatus
    End If
End Sub

Public Sub TA_Refresh()
    If Not ribbon Is Nothing Then ribbon.Invalidate
End Sub

Private Sub TA_Command(ByVal command As String)
    Dim returned As Variant, outcome As String, name As String, book As String
    name = UCase$(Left$(command, 1)) & Replace(Mid$(command, 2), "_", " ")
    On Error GoTo failed
    book = ActiveWorkbook.FullName
    returned = RunPython("import tradealloc_addin.commands as c; c.run('" & command & "')")
    If returned = -1 Then
        outcome = "failed"
    Else
        outcome = TA_Outcome()
    End If
    If outcome = "failed" Then
        TA_SetStatus "Failed: " & name
    Else
        TA_SetStatus "Last: " & name
        If outcome = "undoable" Then TA_OfferUndo name, book
    End If
    Exit Sub
failed:
    TA_SetStatus "Failed: " & name
    MsgBox "Python didn't answer: " & Err.Description & vbNewLine & vbNewLine & _
        "In a command window, run:  tradealloc addin doctor", vbExclamation, TITLE
End Sub

' How the command ended: RunPython itself only says whether Python answered. Unknown on a Mac, where no Python stays.
Private Function TA_Outcome() As String
    On Error Resume Next
    If InStr(Application.OperatingSystem, "Mac") > 0 Then Exit Function
    TA_Outcome = XLPy.Var(XLPy.Eval("__import__('tradealloc_addin.commands').commands.outcome"))
End Function

' Writing cells from a macro empties Excel's own undo list; this puts one entry of ours there.
Private Sub TA_OfferUndo(ByVal name As String, ByVal book As String)
    On Error Resume Next
    undoneIn = book
    Application.OnUndo "Undo TradeAlloc " & name, "'" & ThisWorkbook.Name & "'!RibbonTradeAlloc.TA_Undo"
End Sub

Private Sub TA_SetStatus(ByVal status As String)
    lastStatus = status & " " & Format$(Now, "hh:mm:ss")
    If Not ribbon Is Nothing Then ribbon.InvalidateControl "taStatus"
End Sub

Private Function TA_IsEditing() As Boolean
    On Error Resume Next
    TA_IsEditing = Not Application.Ready
End Function
