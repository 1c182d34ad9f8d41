package dev.buildman.agent.engine;

import java.nio.file.Path;

/**
 * The files of a build.
 *
 * @param directory the context, a folder inside the work folder
 * @param dockerfile the Dockerfile; may lie outside of the context
 */
public record BuildContext(Path directory, Path dockerfile) {}
