internal import CLibUV

/// Memory of libuv handles, and the one rule for their context.
///
/// libuv demands that a handle's memory stays put until its close callback has run ("uv_close", libuv's handle
/// documentation). So libuv owns the Swift wrapper while the handle is open: `data` holds a retain that the close
/// callback releases together with the memory. Wrappers close idempotently and never use the handle afterwards.
enum HandleMemory {
    /// Zeroed memory for one handle.
    static func allocate<Handle>(_: Handle.Type) -> UnsafeMutablePointer<Handle> {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<Handle>.size,
            alignment: MemoryLayout<Handle>.alignment
        )
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Handle>.size)
        return memory.bindMemory(to: Handle.self, capacity: 1)
    }

    /// Lets the open handle keep `owner` alive.
    static func attach<Handle>(_ owner: AnyObject, to handle: UnsafeMutablePointer<Handle>) {
        let raw = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
        raw.pointee.data = Unmanaged.passRetained(owner).toOpaque()
    }

    /// The wrapper that ``attach(_:to:)`` stored, for the length of a callback.
    static func owner<Handle, Owner: AnyObject>(
        of handle: UnsafeMutablePointer<Handle>?,
        as _: Owner.Type
    ) -> Owner? {
        guard let handle else { return nil }
        let raw = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
        guard let data = raw.pointee.data else { return nil }
        return Unmanaged<Owner>.fromOpaque(data).takeUnretainedValue()
    }

    /// Starts closing; the callback frees the memory and drops the retain.
    static func close<Handle>(_ handle: UnsafeMutablePointer<Handle>) {
        let raw = UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
        uv_close(raw) { closed in
            guard let closed else { return }
            let data = closed.pointee.data
            UnsafeMutableRawPointer(closed).deallocate()
            if let data { Unmanaged<AnyObject>.fromOpaque(data).release() }
        }
    }
}
