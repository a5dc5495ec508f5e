/// One header field of a request, lent by its ``Exchange`` until the answer is handed over.
package struct RequestField {
    /// As the client spelled it.
    package let name: UnsafeRawBufferPointer
    /// Without the white space around it, up to a NUL if it holds one.
    package let value: UnsafeRawBufferPointer
}
