package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.engine.RegistryFailures;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pulls images into buildah's storage. The agent itself asks the registry first: its answers are
 * clear where buildah's are not, and what was resolved is what is built on: a tag that moves
 * meanwhile does not matter.
 */
final class BasePull {
  private static final int MAX_CONFIG = 8 << 20;

  private final Buildah buildah;
  private final RegistryClient registry;
  private final RegistryAccess access;
  private final BaseLayers layers;
  private final EngineLog log;

  /**
   * @param layers gets what is learned of the images
   */
  BasePull(
      Buildah buildah,
      RegistryClient registry,
      RegistryAccess access,
      BaseLayers layers,
      EngineLog log) {
    this.buildah = buildah;
    this.registry = registry;
    this.access = access;
    this.layers = layers;
    this.log = log;
  }

  /** Pulls all; the file with the credentials exists only meanwhile. */
  List<BaseImage> run(List<BuildPlan.Wanted> images) throws EngineFailure, InterruptedException {
    List<BaseImage> pulled = new ArrayList<>();
    Path authFile = buildah.world().file("auth.json");
    try {
      AuthFile.write(authFile, credentials(images));
      for (BuildPlan.Wanted image : images) {
        pulled.add(placed(image, authFile));
      }
    } catch (IOException e) {
      throw Failures.local(e);
    } finally {
      remove(authFile);
    }
    return pulled;
  }

  private BaseImage placed(BuildPlan.Wanted image, Path authFile)
      throws EngineFailure, InterruptedException {
    try {
      return pull(image, authFile);
    } catch (EngineFailure e) {
      if (image.user().isPresent()) {
        Instruction user = image.user().get();
        throw e.at(user.text(), user.line());
      }
      throw e;
    }
  }

  private BaseImage pull(BuildPlan.Wanted image, Path authFile)
      throws EngineFailure, InterruptedException {
    ImageReference reference = BuildPlan.reference(image.reference());
    Platform platform = image.platform() == null ? Platform.ofThisMachine() : image.platform();
    log.status("Pulling from " + reference);
    try {
      Manifest named = registry.manifest(reference);
      Manifest own =
          named.isIndex()
              ? registry.manifest(reference.withDigest(named.digest()), platform)
              : named;
      layers.add(
          image.reference(),
          reference.repository(),
          registry,
          own,
          registry.readBlob(reference.repository(), own.config(), MAX_CONFIG));
      place(reference, reference.withDigest(named.digest()), own, image, authFile);
      log.status("Digest: " + named.digest());
      return new BaseImage(
          image.reference(), named.digest().toString(), own.config().digest().toString());
    } catch (RegistryException e) {
      throw RegistryFailures.pull(image.reference(), e);
    } catch (IOException e) {
      throw EngineFailure.of(
          FailureCode.CANNOT_PULL_BASE_IMAGE,
          "the image " + image.reference() + " has no configuration that can be read",
          e);
    }
  }

  /** By its name, under which the build finds it; by digest where the name has moved meanwhile. */
  private void place(
      ImageReference reference,
      ImageReference exact,
      Manifest own,
      BuildPlan.Wanted image,
      Path authFile)
      throws EngineFailure, InterruptedException {
    if (reference.digest() != null) {
      must(command(exact, image, authFile), exact);
      return;
    }
    Buildah.Result named = call(command(reference, image, authFile));
    boolean gone = !named.ok() && named.words().contains("manifest unknown");
    if (!named.ok() && !gone) {
      throw failure(exact, named);
    }
    // Storage knows an image by the digest of its configuration, which names all of its content.
    if (gone || !id(named).equals(own.config().digest().hex())) {
      String id = id(must(command(exact, image, authFile), exact));
      must(List.of("tag", id, reference.toString()), reference);
    }
  }

  private static String id(Buildah.Result pulled) {
    String output = pulled.stdout().strip();
    return output.substring(output.lastIndexOf('\n') + 1);
  }

  private List<String> command(ImageReference exact, BuildPlan.Wanted image, Path authFile) {
    List<String> command = new ArrayList<>(List.of("pull"));
    command.addAll(buildah.world().policy());
    command.add("--authfile=" + authFile);
    if (image.platform() != null) {
      command.add("--platform=" + image.platform());
    }
    access
        .settings()
        .transport()
        .certificates()
        .folder(exact.repository().registry())
        .ifPresent(folder -> command.add("--cert-dir=" + folder));
    command.add("docker://" + exact);
    return command;
  }

  private Buildah.Result must(List<String> command, ImageReference image)
      throws EngineFailure, InterruptedException {
    Buildah.Result result = call(command);
    if (!result.ok()) {
      throw failure(image, result);
    }
    return result;
  }

  private Buildah.Result call(List<String> command) throws EngineFailure, InterruptedException {
    return buildah.run(
        command,
        (channel, line) -> {
          if (line.startsWith("Copying blob")) {
            log.status(line);
          }
        });
  }

  private static EngineFailure failure(ImageReference image, Buildah.Result result) {
    return EngineFailure.of(
        FailureCode.CANNOT_PULL_BASE_IMAGE,
        "the image " + image + " could not be pulled: " + result.words());
  }

  /** What the build brings, and of the machine's own what these images need. */
  private Map<String, Credentials> credentials(List<BuildPlan.Wanted> images)
      throws InterruptedException {
    Map<String, Credentials> credentials = new HashMap<>(access.pull().byScope());
    for (BuildPlan.Wanted image : images) {
      try {
        Repository repository = BuildPlan.reference(image.reference()).repository();
        Optional<Credentials> found = access.pull().resolve(repository);
        if (access.pull().find(repository).isEmpty() && found.isPresent()) {
          credentials.put(repository.toString(), found.get());
        }
      } catch (EngineFailure | RegistryException e) {
        log.status("No credentials for " + image.reference() + ": " + e.getMessage());
      }
    }
    return credentials;
  }

  private static void remove(Path file) throws EngineFailure {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }
}
