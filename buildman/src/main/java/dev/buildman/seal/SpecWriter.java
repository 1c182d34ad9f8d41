package dev.buildman.seal;

import com.google.protobuf.ByteString;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.proto.stored.StoredCredentials;
import dev.buildman.proto.stored.StoredGit;
import dev.buildman.proto.stored.StoredPackage;
import dev.buildman.proto.stored.StoredSpec;
import java.nio.charset.StandardCharsets;

/**
 * Writes a spec as it is stored. The names of the secret fields are part of what they are sealed
 * to.
 */
final class SpecWriter {

  /** Seals the secret of one place. */
  interface Seal {
    byte[] seal(SecretPlace place, byte[] plain);
  }

  private final Seal seal;

  SpecWriter(Seal seal) {
    this.seal = seal;
  }

  StoredSpec write(BuildSpec spec, Annotations annotations) {
    StoredSpec.Builder stored =
        StoredSpec.newBuilder()
            .setRepository(spec.repository().toString())
            .setRegistry(spec.registry())
            .addAllTags(spec.tags())
            .setContext(spec.context())
            .setDockerfile(spec.dockerfile())
            .putAllBuildArgs(spec.buildArgs())
            .putAllLabels(spec.labels())
            .setTarget(spec.target())
            .setNoCache(spec.noCache())
            .setForeignId(annotations.foreignId())
            .putAllMetadata(annotations.metadata());
    writeSource(stored, spec.source());
    if (!spec.push().isEmpty()) {
      stored.setPush(credentials(SecretPlace.push(spec.registry()), spec.push()));
    }
    spec.pull()
        .forEach(
            (registry, pull) ->
                stored.putPull(registry, credentials(SecretPlace.pull(registry), pull)));
    writeNeeds(stored, spec.needs());
    return stored.build();
  }

  private void writeNeeds(StoredSpec.Builder stored, EngineNeeds needs) {
    stored
        .addAllPlatforms(needs.platforms())
        .addAllCacheFrom(needs.cache().from())
        .addAllCacheTo(needs.cache().to())
        .setRunCpuMillis(needs.limits().cpuMillis())
        .setRunMemoryBytes(needs.limits().memoryBytes());
    needs
        .secrets()
        .forEach(
            (id, secret) ->
                stored.putSealedSecrets(id, sealed(SecretPlace.buildSecret(id, stored), secret)));
    needs
        .sshKeys()
        .forEach(
            (id, key) -> stored.putSealedSshKeys(id, sealed(SecretPlace.sshKey(id, stored), key)));
  }

  private void writeSource(StoredSpec.Builder stored, Source source) {
    switch (source) {
      case Source.PackageUrl(Secret url, String digest) ->
          stored.setPackage(
              StoredPackage.newBuilder()
                  .setSealedUrl(sealed(SecretPlace.PACKAGE_URL, url))
                  .setShownUrl(ShownUrl.of(url.reveal()))
                  .setDigest(digest));
      case Source.Git git ->
          stored.setGit(
              StoredGit.newBuilder()
                  .setUrl(git.url())
                  .setRef(git.ref())
                  .setSealedPrivateKey(sealed(SecretPlace.gitKey(git.url()), git.privateKey()))
                  .setSealedToken(sealed(SecretPlace.gitToken(git.url()), git.token()))
                  .setKnownHosts(git.trust().knownHosts())
                  .setSkipSubmodules(!git.trust().submodules()));
      case Source.Inline(String dockerfile) -> stored.setInlineDockerfile(dockerfile);
      case Source.Uploaded(String digest) -> stored.setUploadedSource(digest);
      case Source.Image(String reference) -> stored.setSourceImage(reference);
    }
  }

  private StoredCredentials credentials(SecretPlace place, Credentials credentials) {
    return StoredCredentials.newBuilder()
        .setUsername(credentials.username())
        .setSealedPassword(sealed(place, credentials.password()))
        .build();
  }

  private ByteString sealed(SecretPlace place, Secret secret) {
    if (secret.isEmpty()) {
      return ByteString.EMPTY;
    }
    byte[] plain = secret.reveal().getBytes(StandardCharsets.UTF_8);
    return ByteString.copyFrom(seal.seal(place, plain));
  }
}
