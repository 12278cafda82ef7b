internal import CMalloc

/// Keeps the allocator small: as glibc has it, large blocks move into the heap one by one as they are freed, and what
/// is in the heap is given back only from its end. With 5,000 links that took 60 MB for what fits into 29.
enum AllocatorLimits {
    /// To be called before there are threads.
    static func apply() {
        _ = mallopt(M_ARENA_MAX, 2)
        // Above the pieces of a scrape (256 KiB), which would otherwise be mapped anew for each.
        _ = mallopt(M_MMAP_THRESHOLD, 512 << 10)
        _ = mallopt(M_TRIM_THRESHOLD, 1 << 20)
    }
}
