package dev.buildman.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.buildman.agent.logship.LogShipper;
import dev.buildman.agent.logship.Secrets;
import dev.buildman.agent.runtime.ManualTime;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.RegistryAuth;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PackSecretsTest {
  private static final BuildPack PACK =
      BuildPack.newBuilder()
          .setJobJwt("canary-job")
          .setPackageUrl("https://me:canary-user@h/p.tgz?sig=canary-signature&e=1")
          .setPullToken("canary-pull")
          .setPushToken("canary-push")
          .setBaseImage(BuildPack.BaseImage.newBuilder().setPassword("canary-base"))
          .putRegistryAuth(
              "r",
              RegistryAuth.newBuilder()
                  .setUsername("robot")
                  .setPassword("canary-auth")
                  .setIdentityToken("canary-identity")
                  .build())
          .putSecrets("id", ByteString.copyFromUtf8("canary-secret\n"))
          .putSshKeys("default", ByteString.copyFromUtf8("-----BEGIN\ncanary-ssh-key-line\n"))
          .build();
  private static final BuildPack GIT =
      BuildPack.newBuilder()
          .setGitPackage(
              BuildPack.GitPackage.newBuilder()
                  .setUrl("git@host:path")
                  .setToken("canary-git")
                  .setPrivateKey("-----BEGIN KEY-----\ncanary-private-key-line\n"))
          .build();

  private static String masked(BuildPack pack, String text) {
    Secrets secrets = PackSecrets.of(pack, "canary-registration");
    try (LogShipper shipper = LogShipper.start(lines -> {}, 1, secrets, new ManualTime())) {
      return shipper.masked(text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "canary-registration",
        "canary-job",
        "canary-secret",
        "canary-ssh-key-line",
        "canary-user",
        "sig=canary-signature&e=1",
        "canary-pull",
        "canary-push",
        "canary-base",
        "canary-auth",
        "canary-identity",
        "Basic cm9ib3Q6Y2FuYXJ5LWF1dGg="
      })
  void everySecretOfAPackIsMasked(String secret) {
    assertThat(masked(PACK, "<" + secret + ">")).contains("***").doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"canary-git", "canary-private-key-line"})
  void everySecretOfAGitSourceIsMasked(String secret) {
    assertThat(masked(GIT, "<" + secret + ">")).isEqualTo("<***>");
  }
}
