package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A build's options as buildx takes them. */
final class BuildArguments {
  private final BuildRequest request;
  private final PrivateFiles files;
  private final Set<String> taken;
  private final List<String> words = new ArrayList<>();
  private final Map<String, String> variables = new HashMap<>();

  /**
   * @param taken variables of the program itself, which no build argument may take the place of
   */
  BuildArguments(BuildRequest request, PrivateFiles files, Set<String> taken) {
    this.request = request;
    this.files = files;
    this.taken = taken;
  }

  /**
   * All arguments.
   *
   * @param output where the image goes
   */
  List<String> words(String output) throws IOException {
    BuildOptions options = request.options();
    words.addAll(List.of("--progress=rawjson", "--provenance=false", "--sbom=false"));
    words.add("--file=" + request.context().dockerfile().toAbsolutePath());
    options.buildArgs().forEach(this::buildArgument);
    options.allLabels().forEach((name, value) -> words.add("--label=" + name + "=" + value));
    if (options.target() != null && !options.target().isEmpty()) {
      words.add("--target=" + options.target());
    }
    if (options.noCache()) {
      words.add("--no-cache");
    }
    if (!options.platforms().isEmpty()) {
      words.add(
          "--platform="
              + options.platforms().stream()
                  .map(Platform::toString)
                  .collect(Collectors.joining(",")));
    }
    words.addAll(files.arguments(options.run().secrets(), "--secret=id=", ",src="));
    words.addAll(files.arguments(options.run().sshKeys(), "--ssh=", "="));
    cache(options);
    boolean dated = options.sourceDate() != null && output.startsWith("type=oci");
    words.add("--output=" + output + (dated ? ",rewrite-timestamp=true" : ""));
    words.add("--");
    words.add(request.context().directory().toAbsolutePath().toString());
    return List.copyOf(words);
  }

  /**
   * The words with the images that were looked up named by their digests, so that what is built on
   * is what the build reports, even if a tag moves meanwhile.
   */
  static List<String> pinned(List<BaseImage> images, List<String> words) throws EngineFailure {
    List<String> all = new ArrayList<>();
    all.add(words.getFirst());
    for (BaseImage image : images) {
      if (!image.reference().contains("@")) {
        ImageReference reference = BuildPlan.reference(image.reference());
        all.add(
            "--build-context=%s=docker-image://%s@%s"
                .formatted(image.reference(), reference.repository(), image.digest()));
      }
    }
    all.addAll(words.subList(1, words.size()));
    return List.copyOf(all);
  }

  /** By its name, as everybody on the machine may read command lines. */
  private void buildArgument(String name, String value) {
    if (taken.contains(name) || !name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      words.add("--build-arg=" + name + "=" + value);
    } else {
      words.add("--build-arg=" + name);
      variables.put(name, value);
    }
  }

  private void cache(BuildOptions options) {
    for (ImageReference reference : options.cache().from()) {
      words.add("--cache-from=type=registry,ref=" + reference);
    }
    for (ImageReference reference : options.cache().to()) {
      words.add(
          "--cache-to=type=registry,mode=max,image-manifest=true,oci-mediatypes=true,"
              + "ignore-error=true,ref="
              + reference);
    }
  }

  /** The values of the build arguments that were given by name; after {@link #words}. */
  Map<String, String> variables() {
    return Map.copyOf(variables);
  }
}
