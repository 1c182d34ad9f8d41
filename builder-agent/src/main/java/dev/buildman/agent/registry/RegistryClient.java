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
  private final RegistrySettings settings;
  private final Sleeper sleeper;
  private final Calls calls;
  private final Retry retry;
  private final ManifestCalls manifests;
  private final Sources sources;

  /** A client with these settings and credentials; the sleeper is what it waits with. */
  public RegistryClient(RegistrySettings settings, CredentialStore credentials, Sleeper sleeper) {
    this(settings, credentials, sleeper, Ticker.system());
  }

  /** The same with a clock for the life of tokens. */
  RegistryClient(
      RegistrySettings settings, CredentialStore credentials, Sleeper sleeper, Ticker ticker) {
    this(settings, new Calls(settings, credentials, ticker), sleeper);
  }

  private RegistryClient(RegistrySettings settings, Calls calls, Sleeper sleeper) {
    this.settings = settings;
    this.sleeper = sleeper;
    this.calls = calls;
    this.retry = new Retry(settings.tries(), sleeper);
    this.manifests = new ManifestCalls(calls);
    this.sources = new Sources(settings.mirrors(), retry, new Retry(1, sleeper));
  }

  /**
   * A client with other credentials that asks no mirrors, over the connections of this one: how a
   * registry is spoken to is found out once. Closed with this one.
   */
  public RegistryClient itself(CredentialStore others) {
    return new RegistryClient(
        settings.withMirrors(Mirrors.NONE), calls.with(others, Ticker.system()), sleeper);
  }

  /** The same, with its connections and tokens, sending each request once. Closed with this one. */
  public RegistryClient once() {
    return new RegistryClient(settings.withTries(1), calls, sleeper);
  }

  /**
   * The manifest that a name stands for, from the first place that has it, verified when the name
   * holds a digest.
   *
   * @return an image's manifest or an index
   */
  public Manifest manifest(ImageReference image) throws RegistryException, InterruptedException {
    return sources.pull(image.repository(), (from, tries) -> manifests.get(image.in(from), tries));
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

  /**
   * The digest that a name stands for now, or empty when there is no such manifest. This is what
   * the registry itself serves to everybody else, so it proves a push.
   */
  public Optional<Digest> digest(ImageReference image)
      throws RegistryException, InterruptedException {
    return manifests.digest(image, retry);
  }

  /**
   * Puts a manifest under a tag or digest. Its blobs have to be there.
   *
   * @return the digest under which the registry keeps it, which is the manifest's own
   */
  public Digest putManifest(ImageReference image, Manifest manifest)
      throws RegistryException, InterruptedException {
    return manifests.put(image, manifest, retry);
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
    sources.pull(
        from,
        (place, tries) -> {
          new BlobPull(calls, tries, place, blob).toFile(target, progress);
          return target;
        });
  }

  /**
   * A blob of this registry as the content of a push to another one: streamed, never on disk, held
   * while the push is slow. A read fails with a {@link RegistryException} when the blob cannot be
   * had, and at its end when it was not right.
   */
  public BlobContent content(Repository from, Descriptor blob) {
    String doing = "pulling blob %s of %s".formatted(blob.digest(), from.path());
    return new BlobContent() {
      @Override
      public InputStream open() {
        return openAt(0);
      }

      @Override
      public InputStream openAt(long offset) {
        // From a later byte on there is nothing to check here; the registry that takes it does.
        return BlobStream.open(
            target -> stream(from, blob, new Arrival(blob, offset, target, doing)));
      }
    };
  }

  private void stream(Repository from, Descriptor blob, Arrival arrival)
      throws RegistryException, InterruptedException {
    sources.pull(
        from,
        (place, tries) -> {
          new BlobPull(calls, tries, place, blob).to(arrival, TransferProgress.NONE);
          return blob;
        });
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
    return sources.pull(from, (place, tries) -> new BlobPull(calls, tries, place, blob).toBytes());
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
