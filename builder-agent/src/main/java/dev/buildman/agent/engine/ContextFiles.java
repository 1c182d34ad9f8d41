package dev.buildman.agent.engine;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Reads the Dockerfile and the ignore file of a build; no link leads out of the context. */
public final class ContextFiles {

  private static final int MAX_BYTES = 4 << 20;

  private final BuildContext context;

  public ContextFiles(BuildContext context) {
    this.context = context;
  }

  /**
   * The Dockerfile, read.
   *
   * @throws EngineFailure as {@link #text}, and with the line of an error
   */
  public Dockerfile dockerfile() throws EngineFailure {
    try {
      return Dockerfile.parse(text());
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    }
  }

  /**
   * The Dockerfile's text.
   *
   * @throws EngineFailure {@code DOCKERFILE_ISSUE} when it is missing, too large, or outside of the
   *     context by a link
   */
  public String text() throws EngineFailure {
    Path file = context.dockerfile();
    String name = shown(file);
    try {
      if (!Files.isRegularFile(file)) {
        throw issue(
            "there is no file " + name + "; check the context and the path of the Dockerfile.");
      }
      if (leadsOut(file)) {
        throw issue(name + " is a link that leads out of the context.");
      }
      return read(file);
    } catch (IOException e) {
      throw EngineFailure.of(
          FailureCode.DOCKERFILE_ISSUE, name + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * What the build does not see: the ignore file of this Dockerfile alone ({@code
   * <name>.dockerignore}), else the context's.
   *
   * @throws EngineFailure {@code DOCKERFILE_ISSUE} naming the line of a pattern that is wrong
   */
  public IgnoreFile ignoreFile() throws EngineFailure {
    Path own =
        context.dockerfile().resolveSibling(context.dockerfile().getFileName() + ".dockerignore");
    Path file =
        Files.isRegularFile(own, LinkOption.NOFOLLOW_LINKS)
            ? own
            : context.directory().resolve(".dockerignore");
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return IgnoreFile.NONE;
    }
    try {
      return IgnoreFile.parse(read(file));
    } catch (DockerfileException e) {
      throw EngineFailure.of(
          FailureCode.DOCKERFILE_ISSUE,
          file.getFileName() + " line " + e.line() + ": " + e.problem(),
          e);
    } catch (IOException e) {
      throw EngineFailure.of(
          FailureCode.DOCKERFILE_ISSUE,
          file.getFileName() + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  private boolean leadsOut(Path file) throws IOException {
    Path directory = context.directory().toAbsolutePath().normalize();
    if (file.toAbsolutePath().normalize().startsWith(directory)) {
      return !file.toRealPath().startsWith(directory.toRealPath());
    }
    return Files.isSymbolicLink(file);
  }

  /** The path without the folders of this machine. */
  private String shown(Path file) {
    return file.startsWith(context.directory())
        ? context.directory().relativize(file).toString()
        : String.valueOf(file.getFileName());
  }

  private static EngineFailure issue(String message) {
    return EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, message);
  }

  private static String read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("it is larger than " + (MAX_BYTES >> 20) + " MiB");
    }
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
