package dev.buildman.agent.engine;

import java.nio.file.Path;

/**
 * The files of a build.
 *
 * @param directory the context, a folder inside the work folder
 * @param dockerfile the Dockerfile; may lie outside of the context
 * @param git for repositories that ADD names
 */
public record BuildContext(Path directory, Path dockerfile, GitTrees git) {
  /** A context whose ADD names no repositories. */
  public BuildContext(Path directory, Path dockerfile) {
    this(directory, dockerfile, GitTrees.NONE);
  }
}
