package dev.buildman.seal;

import com.google.protobuf.ByteString;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
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

  /** Seals the secret of one field. */
  interface Seal {
    byte[] seal(String field, byte[] plain);
  }

  static final String PACKAGE_URL = "package_url";
  static final String GIT_KEY = "git.private_key";
  static final String GIT_TOKEN = "git.token";
  static final String PUSH_PASSWORD = "push.password";

  private final Seal seal;

  SpecWriter(Seal seal) {
    this.seal = seal;
  }

  static String pullPassword(String registry) {
    return "pull." + registry + ".password";
  }

  StoredSpec write(BuildSpec spec) {
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
            .setNoCache(spec.noCache());
    writeSource(stored, spec.source());
    if (!spec.push().isEmpty()) {
      stored.setPush(credentials(PUSH_PASSWORD, spec.push()));
    }
    spec.pull()
        .forEach(
            (registry, pull) ->
                stored.putPull(registry, credentials(pullPassword(registry), pull)));
    return stored.build();
  }

  private void writeSource(StoredSpec.Builder stored, Source source) {
    switch (source) {
      case Source.PackageUrl(Secret url) ->
          stored.setPackage(
              StoredPackage.newBuilder()
                  .setSealedUrl(sealed(PACKAGE_URL, url))
                  .setShownUrl(ShownUrl.of(url.reveal())));
      case Source.Git git ->
          stored.setGit(
              StoredGit.newBuilder()
                  .setUrl(git.url())
                  .setRef(git.ref())
                  .setSealedPrivateKey(sealed(GIT_KEY, git.privateKey()))
                  .setSealedToken(sealed(GIT_TOKEN, git.token())));
      case Source.Inline(String dockerfile) -> stored.setInlineDockerfile(dockerfile);
      case Source.Uploaded(String digest) -> stored.setUploadedSource(digest);
    }
  }

  private StoredCredentials credentials(String field, Credentials credentials) {
    return StoredCredentials.newBuilder()
        .setUsername(credentials.username())
        .setSealedPassword(sealed(field, credentials.password()))
        .build();
  }

  private ByteString sealed(String field, Secret secret) {
    if (secret.isEmpty()) {
      return ByteString.EMPTY;
    }
    byte[] plain = secret.reveal().getBytes(StandardCharsets.UTF_8);
    return ByteString.copyFrom(seal.seal(field, plain));
  }
}
