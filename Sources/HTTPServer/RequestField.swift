/// One header field of a request, lent by its ``Exchange`` until the answer is handed over.
package struct RequestField {
    /// As the client spelled it.
    package let name: UnsafeRawBufferPointer
    /// Without the white space around it.
    package let value: UnsafeRawBufferPointer
}
