package dev.buildman.seal;

import com.google.protobuf.ByteString;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.proto.stored.StoredCredentials;
import dev.buildman.proto.stored.StoredGit;
import dev.buildman.proto.stored.StoredPackage;
import dev.buildman.proto.stored.StoredSpec;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads a stored spec, opening its secrets or leaving them out. */
final class SpecReader {

  /** Opens the secret of one place; empty when it does not open. */
  interface Open {
    Optional<byte[]> open(SecretPlace place, byte[] sealed);
  }

  /** Ends a read at the first secret that does not open. */
  static final class SecretGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String field;

    SecretGoneException(String field) {
      super(field);
      this.field = field;
    }

    String field() {
      return field;
    }
  }

  private final Open open;
  private final boolean secrets;

  SpecReader(Open open) {
    this(open, true);
  }

  private SpecReader(Open open, boolean secrets) {
    this.open = open;
    this.secrets = secrets;
  }

  static SpecReader withoutSecrets() {
    return new SpecReader((place, value) -> Optional.of(new byte[0]), false);
  }

  /**
   * Throws {@link SecretGoneException}, or IllegalArgumentException when the bytes hold no valid
   * spec.
   */
  BuildSpec read(StoredSpec stored) {
    Map<String, Credentials> pull = new HashMap<>();
    stored
        .getPullMap()
        .forEach(
            (registry, credentials) ->
                pull.put(registry, credentials(SecretPlace.pull(registry), credentials)));
    return new BuildSpec(
        RepositoryName.parse(stored.getRepository()),
        stored.getRegistry(),
        stored.getTagsList(),
        source(stored),
        stored.getContext(),
        stored.getDockerfile(),
        stored.getBuildArgsMap(),
        stored.getLabelsMap(),
        stored.getTarget(),
        stored.getNoCache(),
        stored.hasPush()
            ? credentials(SecretPlace.push(stored.getRegistry()), stored.getPush())
            : Credentials.NONE,
        pull,
        needs(stored));
  }

  private EngineNeeds needs(StoredSpec stored) {
    Map<String, Secret> secrets = new HashMap<>();
    stored
        .getSealedSecretsMap()
        .forEach(
            (id, value) -> secrets.put(id, opened(SecretPlace.buildSecret(id, stored), value)));
    Map<String, Secret> sshKeys = new HashMap<>();
    stored
        .getSealedSshKeysMap()
        .forEach((id, value) -> sshKeys.put(id, opened(SecretPlace.sshKey(id, stored), value)));
    return new EngineNeeds(
        stored.getPlatformsList(),
        secrets,
        sshKeys,
        new EngineNeeds.Cache(stored.getCacheFromList(), stored.getCacheToList()),
        new EngineNeeds.RunLimits(stored.getRunCpuMillis(), stored.getRunMemoryBytes()));
  }

  private Source source(StoredSpec stored) {
    return switch (stored.getSourceCase()) {
      case PACKAGE -> packageUrl(stored.getPackage());
      case GIT -> git(stored.getGit());
      case INLINE_DOCKERFILE -> new Source.Inline(stored.getInlineDockerfile());
      case UPLOADED_SOURCE -> new Source.Uploaded(stored.getUploadedSource());
      case SOURCE_IMAGE -> new Source.Image(stored.getSourceImage());
      case SOURCE_NOT_SET -> throw new IllegalArgumentException("stored spec has no source");
    };
  }

  private Source packageUrl(StoredPackage stored) {
    Secret url =
        secrets
            ? opened(SecretPlace.PACKAGE_URL, stored.getSealedUrl())
            : Secret.of(stored.getShownUrl());
    return new Source.PackageUrl(url, stored.getDigest());
  }

  private Source git(StoredGit stored) {
    return new Source.Git(
        stored.getUrl(),
        stored.getRef(),
        opened(SecretPlace.gitKey(stored.getUrl()), stored.getSealedPrivateKey()),
        opened(SecretPlace.gitToken(stored.getUrl()), stored.getSealedToken()),
        new Source.GitTrust(stored.getKnownHosts(), !stored.getSkipSubmodules()));
  }

  private Credentials credentials(SecretPlace place, StoredCredentials stored) {
    return new Credentials(stored.getUsername(), opened(place, stored.getSealedPassword()));
  }

  private Secret opened(SecretPlace place, ByteString sealed) {
    if (sealed.isEmpty()) {
      return Secret.NONE;
    }
    byte[] plain =
        open.open(place, sealed.toByteArray())
            .orElseThrow(() -> new SecretGoneException(place.field()));
    return Secret.of(new String(plain, StandardCharsets.UTF_8));
  }
}
