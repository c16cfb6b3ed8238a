Attribute VB_Name = "RibbonTradeAlloc"
Option Explicit

Private Const TITLE As String = "TradeAlloc"
Private Const STARTS_A_BOOK As String = "new_schedule"
Private Const CAN_BE_UNDONE As String = " optimise optimise_selection compare sensitivity freeze "

Private ribbon As IRibbonUI
Private lastStatus As String

Public Sub TA_OnLoad(ByVal loaded As IRibbonUI)
    Set ribbon = loaded
End Sub

Public Sub TA_Run(ByVal control As IRibbonControl)
    If ActiveWorkbook Is Nothing Then
        If control.Tag <> STARTS_A_BOOK Then
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

' Undo (Ctrl+Z) after a run comes here.
Public Sub TA_Undo()
    TA_Command "undo"
End Sub

' The examples as a workbook of the user's own.
Public Sub TA_Examples(ByVal control As IRibbonControl)
    ThisWorkbook.Worksheets("Examples").Copy
End Sub

Public Sub TA_GetEnabled(ByVal control As IRibbonControl, ByRef enabled As Variant)
    If control.Tag = STARTS_A_BOOK Then
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
    Dim outcome As Variant, name As String
    name = UCase$(Left$(command, 1)) & Replace(Mid$(command, 2), "_", " ")
    On Error GoTo failed
    outcome = RunPython("import tradealloc_addin.commands as c; c.run('" & command & "')")
    If outcome = -1 Then
        TA_SetStatus "Failed: " & name
    Else
        TA_SetStatus "Last: " & name
        If InStr(CAN_BE_UNDONE, " " & command & " ") > 0 Then TA_OfferUndo name
    End If
    Exit Sub
failed:
    TA_SetStatus "Failed: " & name
    MsgBox "Python didn't answer: " & Err.Description & vbNewLine & vbNewLine & _
        "In a command window, run:  tradealloc addin doctor", vbExclamation, TITLE
End Sub

' Writing cells from a macro empties Excel's own undo list; this puts one entry of ours there.
Private Sub TA_OfferUndo(ByVal name As String)
    On Error Resume Next
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
