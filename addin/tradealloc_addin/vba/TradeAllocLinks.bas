Attribute VB_Name = "TradeAllocLinks"
Option Explicit
Option Private Module

' A saved formula remembers the full path of the add-in on the machine that saved it ('C:\Users\ann\...\tradealloc.xlam'!OPTALLOC).
Public Sub TA_Relink(ByVal book As Workbook)
    Dim links As Variant, i As Long, wasSaved As Boolean
    On Error GoTo done
    If book Is ThisWorkbook Then Exit Sub
    links = book.LinkSources(xlExcelLinks)
    If IsEmpty(links) Then Exit Sub
    wasSaved = book.Saved
    For i = LBound(links) To UBound(links)
        If TA_IsStrayLink(CStr(links(i)), ThisWorkbook.FullName) Then
            book.ChangeLink Name:=links(i), NewName:=ThisWorkbook.FullName, Type:=xlExcelLinks
        End If
    Next i
done:
    If wasSaved Then book.Saved = True
End Sub

' Whether a link names this add-in by another path than the one it runs from.
Public Function TA_IsStrayLink(ByVal link As String, ByVal here As String) As Boolean
    If LCase$(link) = LCase$(here) Then Exit Function
    TA_IsStrayLink = (TA_FileName(link) = TA_FileName(here))
End Function

Private Function TA_FileName(ByVal path As String) As String
    Dim plain As String
    plain = LCase$(Replace(path, "\", "/"))
    TA_FileName = Mid$(plain, InStrRev(plain, "/") + 1)
End Function
