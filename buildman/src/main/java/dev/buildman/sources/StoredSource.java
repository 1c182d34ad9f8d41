package dev.buildman.sources;

import java.nio.file.Path;

/**
 * A source on disk.
 *
 * @param size in bytes
 * @param file never written to again; may be deleted once nothing names the source
 */
public record StoredSource(SourceDigest digest, SourceKind kind, long size, Path file) {}
