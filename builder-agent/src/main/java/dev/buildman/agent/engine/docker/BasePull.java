package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.RegistryFailures;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.proto.agent.FailureCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pulls images into the daemon. The agent itself asks the registry first: its answers are clear
 * where a daemon's are not, the layers become known, and what was resolved is pulled by digest, so
 * that a tag that moves meanwhile does not matter.
 */
final class BasePull {
  private final Daemon daemon;
  private final RegistryClient registry;
  private final KnownImages known;
  private final CredentialStore credentials;
  private final EngineLog log;

  BasePull(
      Daemon daemon,
      RegistryClient registry,
      KnownImages known,
      CredentialStore credentials,
      EngineLog log) {
    this.daemon = daemon;
    this.registry = registry;
    this.known = known;
    this.credentials = credentials;
    this.log = log;
  }

  List<BaseImage> run(List<BuildPlan.Wanted> images) throws EngineFailure, InterruptedException {
    List<BaseImage> pulled = new ArrayList<>();
    for (BuildPlan.Wanted image : images) {
      pulled.add(placed(image));
    }
    return pulled;
  }

  /**
   * Pulls images that steps may be taken from. They are a help only: one that cannot be had is
   * named in the log.
   *
   * @return those that are there
   */
  Cache cache(List<ImageReference> references) throws InterruptedException {
    List<String> there = new ArrayList<>();
    String created = null;
    for (ImageReference reference : references) {
      try {
        Manifest manifest = registry.manifest(reference, Platform.ofThisMachine());
        String name = reference.repository() + "@" + manifest.digest();
        known.learn(registry, reference.repository(), manifest);
        if (!isThere(name, manifest)) {
          String auth = DaemonAuth.one(credentials, reference.repository());
          daemon.pull(name, "", auth, new PullMessages(log));
        }
        there.add(name);
        if (created == null) {
          created = known.created(manifest.config().digest()).orElse(null);
        }
      } catch (RegistryException | DaemonException e) {
        log.status("Cache " + reference + " is not used: " + e.getMessage());
      }
    }
    return new Cache(there, created);
  }

  /**
   * Images that steps may be taken from.
   *
   * @param names of them in the daemon, by digest
   * @param created what the first of them that says it says of when it was made; null: none does
   */
  record Cache(List<String> names, @Nullable String created) {}

  private BaseImage placed(BuildPlan.Wanted image) throws EngineFailure, InterruptedException {
    try {
      return pull(image);
    } catch (EngineFailure e) {
      if (image.user().isPresent()) {
        Instruction user = image.user().get();
        throw e.at(user.text(), user.line());
      }
      throw e;
    }
  }

  private BaseImage pull(BuildPlan.Wanted image) throws EngineFailure, InterruptedException {
    ImageReference reference = BuildPlan.reference(image.reference());
    Platform platform = image.platform() == null ? Platform.ofThisMachine() : image.platform();
    log.status("Pulling from " + reference);
    try {
      Manifest named = registry.manifest(reference);
      Manifest own =
          named.isIndex()
              ? registry.manifest(reference.withDigest(named.digest()), platform)
              : named;
      known.learn(registry, reference.repository(), own);
      place(reference, reference.withDigest(named.digest()), own, image);
      log.status("Digest: " + named.digest());
      return new BaseImage(
          image.reference(), named.digest().toString(), own.config().digest().toString());
    } catch (RegistryException e) {
      throw RegistryFailures.pull(image.reference(), e);
    } catch (DaemonException e) {
      throw failure(image.reference(), e);
    }
  }

  private void place(
      ImageReference reference, ImageReference exact, Manifest own, BuildPlan.Wanted image)
      throws DaemonException, InterruptedException {
    String name = exact.repository() + "@" + exact.digest();
    if (isThere(name, own)) {
      log.status("Status: Image is up to date for " + reference);
    } else {
      Platform platform = image.platform();
      daemon.pull(
          name,
          platform == null ? "" : platform.toString(),
          DaemonAuth.one(credentials, exact.repository()),
          new PullMessages(log));
      log.status("Status: Downloaded newer image for " + reference);
    }
    String tag = reference.tag();
    if (reference.digest() == null && tag != null) {
      daemon.tag(name, reference.repository().toString(), tag);
    }
  }

  /** With an index's digest the daemon may have another platform's image. */
  private boolean isThere(String name, Manifest own) throws DaemonException, InterruptedException {
    String id = daemon.image(name).map(found -> found.path("Id").asText()).orElse("");
    return id.equals(own.config().digest().toString()) || id.equals(own.digest().toString());
  }

  private static EngineFailure failure(String image, DaemonException e) {
    return e.isLost()
        ? Failures.daemon(e)
        : EngineFailure.of(
            FailureCode.CANNOT_PULL_BASE_IMAGE,
            "the daemon could not pull the image "
                + image
                + ", which the agent found: "
                + e.message()
                + (e.message().contains("HTTP response to HTTPS") || e.message().contains("x509")
                    ? "; name the registry in the daemon's own configuration (insecure-registries,"
                        + " certs.d, registries.conf)"
                    : ""),
            e);
  }

  /** The daemon's own progress, as entries of the build's log. */
  static final class PullMessages implements Daemon.Messages {
    private final EngineLog log;

    PullMessages(EngineLog log) {
      this.log = log;
    }

    @Override
    public void accept(JsonNode message) throws DaemonException {
      if (message.hasNonNull("error")) {
        throw DaemonException.refused(400, message.path("error").asText().strip());
      }
      String status = message.path("status").asText("");
      String id = message.path("id").asText("");
      JsonNode detail = message.path("progressDetail");
      if (!id.isEmpty() && detail.isObject() && !status.isEmpty()) {
        log.progress(id, status, detail.path("current").asLong(0), detail.path("total").asLong(0));
      }
    }
  }
}
