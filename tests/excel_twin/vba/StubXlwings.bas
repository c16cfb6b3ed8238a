Attribute VB_Name = "xlwings"
Option Explicit

' Stands in for xlwings' runtime, which LibreOffice can't run: the same entry points, Python reached over UNO.
Private lastCommand As String

Public Function RunPython(ByVal PythonCommand As String) As Variant
    lastCommand = PythonCommand
    If InStr(PythonCommand, "'doctor'") > 0 Then RunPython = -1
End Function

Public Function TA_LastCommand() As String
    TA_LastCommand = lastCommand
End Function

Public Function XLPy() As Object
    Set XLPy = New StubPython
End Function
