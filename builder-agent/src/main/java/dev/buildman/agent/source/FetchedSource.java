package dev.buildman.agent.source;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A source on this machine. Both paths are real ones inside of the work folder; the files of the
 * context may hold symbolic links that lead out of it, which nobody may follow.
 *
 * @param contextDir the build's context
 * @param dockerfile a regular file; may lie outside of the context
 * @param commit of a git source, or the one that a forge's archive names, in full; null for others
 */
public record FetchedSource(Path contextDir, Path dockerfile, @Nullable String commit) {}
