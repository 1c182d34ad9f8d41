package dev.buildman.agent.source;

import dev.buildman.agent.source.SourceRequest.PathOrigin;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds context and Dockerfile in a fetched source. */
final class Layout {
  private static final long MAX_DOCKERFILE = 4L << 20;

  private final Path root;

  /**
   * @param root the source, by its real path
   */
  Layout(Path root) {
    this.root = root;
  }

  /** In a source of files. */
  FetchedSource find(SourceRequest request, @Nullable String commit)
      throws SourceFailure, IOException {
    Path context = inside(request.context(), "context");
    if (!Files.isDirectory(context)) {
      throw new SourceFailure(
          FailureCode.DOCKERFILE_ISSUE,
          "the source has no folder '%s' to be the context".formatted(request.context()));
    }
    Path dockerfile =
        request.inlineDockerfile() != null
            ? inline(request.inlineDockerfile())
            : dockerfile(request, context);
    return new FetchedSource(context, dockerfile, commit);
  }

  /** In a package that is nothing but a Dockerfile: paths have no meaning there. */
  FetchedSource plain(SourceRequest request) throws SourceFailure, IOException {
    Path dockerfile =
        request.inlineDockerfile() != null
            ? inline(request.inlineDockerfile())
            : usable(root.resolve("Dockerfile"), "Dockerfile");
    return new FetchedSource(root, dockerfile, null);
  }

  /** Beside the source, so that it hides no file of the context and is none. */
  private Path inline(String text) throws IOException {
    return Files.writeString(root.resolveSibling("Dockerfile"), text);
  }

  private Path dockerfile(SourceRequest request, Path context) throws SourceFailure, IOException {
    String path = request.dockerfilePath();
    SourceFailure outside = null;
    for (String candidate : candidates(request, path)) {
      try {
        Path file = inside(candidate, "Dockerfile's path");
        Path found =
            Files.isDirectory(file) ? inside(candidate + "/Dockerfile", "Dockerfile") : file;
        if (Files.exists(found)) {
          return usable(found, candidate);
        }
      } catch (SourceFailure e) {
        outside = outside == null ? e : outside;
      }
    }
    if (outside != null) {
      throw outside;
    }
    throw new SourceFailure(
        FailureCode.DOCKERFILE_ISSUE,
        "the source has no Dockerfile at '%s'%s"
            .formatted(
                path.isEmpty() ? "Dockerfile" : path,
                context.equals(root) ? "" : " (context '" + request.context() + "')"));
  }

  private static Set<String> candidates(SourceRequest request, String path) {
    String inContext = request.context() + "/" + (path.isEmpty() ? "Dockerfile" : path);
    String inSource = path.isEmpty() ? inContext : path;
    Set<String> candidates = new LinkedHashSet<>();
    candidates.add(request.dockerfileFrom() == PathOrigin.CONTEXT ? inContext : inSource);
    candidates.add(inContext);
    candidates.add(inSource);
    return candidates;
  }

  private static Path usable(Path file, String name) throws SourceFailure, IOException {
    if (!Files.isRegularFile(file)) {
      throw new SourceFailure(
          FailureCode.DOCKERFILE_ISSUE, "'%s' is no file to be the Dockerfile".formatted(name));
    }
    if (Files.size(file) > MAX_DOCKERFILE) {
      throw new SourceFailure(
          FailureCode.DOCKERFILE_ISSUE,
          "the Dockerfile is larger than " + Budget.size(MAX_DOCKERFILE));
    }
    return file;
  }

  private Path inside(String path, String what) throws SourceFailure {
    try {
      Optional<Path> inside = Inside.resolve(root, path);
      if (inside.isPresent()) {
        return inside.get();
      }
    } catch (FileSystemException | InvalidPathException e) {
      throw new SourceFailure(
          FailureCode.DOCKERFILE_ISSUE, "the %s '%s' cannot be used".formatted(what, path), e);
    } catch (IOException e) {
      throw new SourceFailure(FailureCode.INTERNAL_ERROR, "the source cannot be read", e);
    }
    throw new SourceFailure(
        FailureCode.DOCKERFILE_ISSUE,
        "the %s '%s' leads out of the source, by .. or by a link".formatted(what, path));
  }
}
