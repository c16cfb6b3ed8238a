Attribute VB_Name = "TradeAllocValues"
Option Explicit
Option Private Module

' Python can't return an Excel error over COM: it sends "#TA!" and the number of the error instead.
Private Const MARK As String = "#TA!"
Private Const VALUE_ERROR As Long = 2015

' What Python returned, with marked texts as the errors that they stand for; a block of one cell as its value.
Public Function TA_Unmark(ByVal found As Variant) As Variant
    Dim i As Long, j As Long
    If Not IsArray(found) Then
        If TA_IsMarked(found) Then found = TA_Error(found)
    ElseIf TA_IsFlat(found) Then
        For j = LBound(found) To UBound(found)
            If TA_IsMarked(found(j)) Then found(j) = TA_Error(found(j))
        Next j
    Else
        If LBound(found, 1) = UBound(found, 1) And LBound(found, 2) = UBound(found, 2) Then
            TA_Unmark = TA_Unmark(found(LBound(found, 1), LBound(found, 2)))
            Exit Function
        End If
        For i = LBound(found, 1) To UBound(found, 1)
            For j = LBound(found, 2) To UBound(found, 2)
                If TA_IsMarked(found(i, j)) Then found(i, j) = TA_Error(found(i, j))
            Next j
        Next i
    End If
    TA_Unmark = found
End Function

' Whether an argument is a range of several areas, whose Value is that of the first area only.
Public Function TA_IsSplit(ByVal arguments As Variant) As Boolean
    Dim i As Long
    For i = LBound(arguments) To UBound(arguments)
        If TypeName(arguments(i)) = "Range" Then
            If arguments(i).Areas.Count > 1 Then TA_IsSplit = True
        End If
    Next i
End Function

Private Function TA_IsMarked(ByVal cell As Variant) As Boolean
    If VarType(cell) = vbString Then TA_IsMarked = (Left$(cell, Len(MARK)) = MARK)
End Function

Private Function TA_Error(ByVal marked As String) As Variant
    Dim number As Long
    number = Val(Mid$(marked, Len(MARK) + 1))
    If number = 0 Then number = VALUE_ERROR
    TA_Error = CVErr(number)
End Function

Private Function TA_IsFlat(ByVal found As Variant) As Boolean
    Dim last As Long
    On Error GoTo flat
    last = UBound(found, 2)
    Exit Function
flat:
    TA_IsFlat = True
End Function
