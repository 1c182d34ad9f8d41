package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets and puts manifests, each verified. */
final class ManifestCalls {
  private static final Logger log = LoggerFactory.getLogger(ManifestCalls.class);

  private final Calls calls;

  ManifestCalls(Calls calls) {
    this.calls = calls;
  }

  Manifest get(ImageReference image, Retry retry) throws RegistryException, InterruptedException {
    return unspoilt(() -> getOnce(image), retry);
  }

  Optional<Digest> digest(ImageReference image, Retry retry)
      throws RegistryException, InterruptedException {
    return retry.run(() -> head(image));
  }

  Digest put(ImageReference image, Manifest manifest, Retry retry)
      throws RegistryException, InterruptedException {
    return unspoilt(() -> putOnce(image, manifest), retry);
  }

  /** Once more where a document was changed on its way. */
  private static <T> T unspoilt(Retry.Operation<T> operation, Retry retry)
      throws RegistryException, InterruptedException {
    try {
      return retry.run(operation);
    } catch (RegistryException e) {
      if (e.kind() != Kind.DIGEST_MISMATCH || !retry.repeats()) {
        throw e;
      }
      log.warn("manifest is asked for or sent anew: because={}", e.getMessage());
      return retry.run(operation);
    }
  }

  private Manifest getOnce(ImageReference image) throws RegistryException, InterruptedException {
    String doing = "pulling the manifest of " + image;
    Answer answer = request("GET", image, doing);
    if (!answer.ok()) {
      throw Refusals.of(answer, image.repository().registry(), doing);
    }
    Optional<Digest> wanted = Optional.ofNullable(image.digest()).or(() -> named(answer));
    if (wanted.isPresent() && !wanted.get().matches(answer.body())) {
      throw new RegistryException(
          Kind.DIGEST_MISMATCH,
          "the registry sent another manifest than %s while %s".formatted(wanted.get(), doing));
    }
    return Manifest.parse(contentType(answer), answer.body());
  }

  /** The digest that the registry says it sends. */
  private static Optional<Digest> named(Answer answer) {
    try {
      return answer.header("Docker-Content-Digest").map(Digest::parse);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Optional<Digest> head(ImageReference image)
      throws RegistryException, InterruptedException {
    String doing = "looking for " + image;
    Answer answer = request("HEAD", image, doing);
    if (answer.status() == 404) {
      return Optional.empty();
    }
    if (!answer.ok()) {
      throw Refusals.of(answer, image.repository().registry(), doing);
    }
    Optional<Digest> named = named(answer);
    return named.isPresent() ? named : Optional.of(getOnce(image).digest());
  }

  private Digest putOnce(ImageReference image, Manifest manifest)
      throws RegistryException, InterruptedException {
    String doing = "pushing the manifest of " + image;
    Repository to = image.repository();
    URI uri = calls.api(to.registry(), to.path() + "/manifests/" + image.reference());
    Map<String, String> headers = Map.of("Content-Type", manifest.mediaType());
    Answer answer =
        calls.call(
            Access.push(to),
            new Request(
                "PUT", uri, doing, headers, Body.of(manifest.bytes()), null, Meter.silent()));
    if (!answer.ok()) {
      throw Refusals.ofManifest(answer, image, doing);
    }
    String kept = answer.header("Docker-Content-Digest").orElse(manifest.digest().toString());
    if (!kept.equals(manifest.digest().toString())) {
      throw new RegistryException(
          Kind.DIGEST_MISMATCH,
          "%s was pushed as %s and the registry kept %s".formatted(image, manifest.digest(), kept));
    }
    return manifest.digest();
  }

  private Answer request(String method, ImageReference image, String doing)
      throws RegistryException, InterruptedException {
    Repository from = image.repository();
    URI uri = calls.api(from.registry(), from.path() + "/manifests/" + image.reference());
    Map<String, String> headers = Map.of("Accept", String.join(", ", MediaTypes.MANIFESTS));
    return calls.call(
        Access.pull(from), new Request(method, uri, doing, headers, null, null, Meter.silent()));
  }

  private static String contentType(Answer answer) {
    return answer.header("Content-Type").orElse("").replaceFirst(";.*", "").strip();
  }
}
