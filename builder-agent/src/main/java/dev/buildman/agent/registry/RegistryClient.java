package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks the OCI distribution API. One client serves one purpose (pull or push), as the credentials
 * for the same registry may differ between them; it may be used by several threads at once.
 *
 * <p>Every method ends within a second of its thread's interruption, leaving no partial file; an
 * upload cut short leaves nothing but an unfinished session that registries purge themselves.
 * Requests that fail for a transient reason are repeated as {@link RegistrySettings#tries} says.
 * All failures are {@link RegistryException}s whose message is fit for the build's log.
 */
public final class RegistryClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryClient.class);

  private final RegistrySettings settings;
  private final Calls calls;
  private final Retry retry;

  /** A client with these settings and credentials; the sleeper is what it waits with. */
  public RegistryClient(RegistrySettings settings, CredentialStore credentials, Sleeper sleeper) {
    this(settings, credentials, sleeper, Ticker.system());
  }

  /** The same with a clock for the life of tokens. */
  RegistryClient(
      RegistrySettings settings, CredentialStore credentials, Sleeper sleeper, Ticker ticker) {
    this.settings = settings;
    this.calls = new Calls(settings, credentials, ticker);
    this.retry = new Retry(settings.tries(), sleeper);
  }

  /**
   * The manifest that a name stands for, verified when the name holds a digest.
   *
   * @return an image's manifest or an index
   */
  public Manifest manifest(ImageReference image) throws RegistryException, InterruptedException {
    return unspoilt(() -> fetchManifest(image));
  }

  /**
   * The manifest of the one image that a name stands for on a platform: what the name holds, or out
   * of an index the platform's image.
   *
   * @throws RegistryException UNSUPPORTED, naming those there are, when there is none for it
   */
  public Manifest manifest(ImageReference image, Platform platform)
      throws RegistryException, InterruptedException {
    Manifest manifest = manifest(image);
    if (!manifest.isIndex()) {
      return manifest;
    }
    Descriptor chosen =
        manifest.imageFor(platform).orElseThrow(() -> none(manifest, image, platform));
    Manifest resolved = manifest(image.withDigest(chosen.digest()));
    if (resolved.isIndex()) {
      throw new RegistryException(
          Kind.UNSUPPORTED, image + " is an index whose image is an index again");
    }
    return resolved;
  }

  private static RegistryException none(Manifest index, ImageReference image, Platform platform) {
    String there =
        String.join(
            ", ",
            index.images().stream()
                .map(Descriptor::platform)
                .filter(known -> known != null)
                .map(String::valueOf)
                .distinct()
                .toList());
    return new RegistryException(
        Kind.UNSUPPORTED, "%s has no image for %s, only for: %s".formatted(image, platform, there));
  }

  /** Once more where a document was changed on its way. */
  private <T> T unspoilt(Retry.Operation<T> operation)
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

  private Manifest fetchManifest(ImageReference image)
      throws RegistryException, InterruptedException {
    String doing = "pulling the manifest of " + image;
    Answer answer = manifestRequest("GET", image, doing);
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

  /**
   * The digest that a name stands for now, or empty when there is no such manifest. This is what
   * the registry serves to everybody else, so it proves a push.
   */
  public Optional<Digest> digest(ImageReference image)
      throws RegistryException, InterruptedException {
    return retry.run(() -> headManifest(image));
  }

  private Optional<Digest> headManifest(ImageReference image)
      throws RegistryException, InterruptedException {
    String doing = "looking for " + image;
    Answer answer = manifestRequest("HEAD", image, doing);
    if (answer.status() == 404) {
      return Optional.empty();
    }
    if (!answer.ok()) {
      throw Refusals.of(answer, image.repository().registry(), doing);
    }
    Optional<String> header = answer.header("Docker-Content-Digest");
    try {
      return header.isPresent()
          ? header.map(Digest::parse)
          : Optional.of(fetchManifest(image).digest());
    } catch (IllegalArgumentException e) {
      throw new RegistryException(
          Kind.PROTOCOL, "the registry names no digest for " + image + ": " + e.getMessage(), e);
    }
  }

  /**
   * Puts a manifest under a tag or digest. Its blobs have to be there.
   *
   * @return the digest under which the registry keeps it, which is the manifest's own
   */
  public Digest putManifest(ImageReference image, Manifest manifest)
      throws RegistryException, InterruptedException {
    return unspoilt(() -> put(image, manifest));
  }

  private Digest put(ImageReference image, Manifest manifest)
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

  private Answer manifestRequest(String method, ImageReference image, String doing)
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

  /** Whether the repository has the blob. */
  public boolean hasBlob(Repository repository, Digest digest)
      throws RegistryException, InterruptedException {
    return retry.run(() -> headBlob(repository, digest));
  }

  private boolean headBlob(Repository repository, Digest digest)
      throws RegistryException, InterruptedException {
    String doing = "looking for blob %s in %s".formatted(digest, repository.path());
    URI uri = calls.api(repository.registry(), repository.path() + "/blobs/" + digest);
    Answer answer =
        calls.call(
            Access.pull(repository),
            new Request("HEAD", uri, doing, Map.of(), null, null, Meter.silent()));
    if (answer.status() != 404 && !answer.ok()) {
      throw Refusals.of(answer, repository.registry(), doing);
    }
    return answer.ok();
  }

  /**
   * Fetches a blob into a file; its size and digest are verified before the file gets its name.
   *
   * @param target is replaced; its folder has to be there
   */
  public void pullBlob(Repository from, Descriptor blob, Path target, TransferProgress progress)
      throws RegistryException, InterruptedException {
    pull(from, blob).toFile(target, progress);
  }

  private BlobPull pull(Repository from, Descriptor blob) {
    return new BlobPull(calls, retry, from, blob);
  }

  /**
   * A blob of this registry as the content of a push to another one: streamed, never on disk, held
   * while the push is slow. A read fails with a {@link RegistryException} when the blob cannot be
   * had, and at its end when it was not right.
   */
  public BlobContent content(Repository from, Descriptor blob) {
    return new BlobContent() {
      @Override
      public InputStream open() {
        return openAt(0);
      }

      @Override
      public InputStream openAt(long offset) {
        // From a later byte on there is nothing to check here; the registry that takes it does.
        return BlobStream.open(pull(from, blob), offset);
      }
    };
  }

  /**
   * Fetches a small blob (an image's config) into memory, verified.
   *
   * @throws RegistryException TOO_LARGE when its descriptor names more than {@code maxBytes}
   */
  public byte[] readBlob(Repository from, Descriptor blob, int maxBytes)
      throws RegistryException, InterruptedException {
    if (blob.size() > maxBytes) {
      throw new RegistryException(
          Kind.TOO_LARGE,
          "blob %s of %s has %d bytes, more than the %d that are read"
              .formatted(blob.digest(), from, blob.size(), maxBytes));
    }
    return pull(from, blob).toBytes();
  }

  /**
   * Sees to it that the repository has a blob: nothing is sent when it is there or can be mounted.
   *
   * @param blob its digest and exact size
   * @param mountFrom a repository of the same registry that may have it; null for none
   */
  public PushOutcome pushBlob(
      Repository to,
      Descriptor blob,
      BlobContent content,
      @Nullable Repository mountFrom,
      TransferProgress progress)
      throws RegistryException, InterruptedException {
    return new BlobPush(calls, retry, to, blob, content, progress)
        .run(mountFrom, settings.chunkBytes());
  }

  /** Drops all connections; transfers under way fail. */
  @Override
  public void close() {
    calls.close();
  }
}
