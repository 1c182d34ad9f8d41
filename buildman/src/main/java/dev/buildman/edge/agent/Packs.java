package dev.buildman.edge.agent;

import com.google.protobuf.ByteString;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Capability;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.Limits;
import dev.buildman.proto.agent.RegistryAuth;
import dev.buildman.session.WorkOrder;
import java.time.Duration;

/** A work order as the wire has it: Quay's fields for everybody, ours beside them. */
final class Packs {
  private static final String DOCKERFILE = "Dockerfile";

  private Packs() {}

  static BuildPack of(WorkOrder order) {
    BuildSpec spec = order.spec();
    BuildPack.Builder pack =
        BuildPack.newBuilder()
            .setJobJwt(order.jobToken())
            .setContext(spec.context())
            .setDockerfilePath(dockerfilePath(spec))
            .setRepository(spec.repository().toString())
            .setRegistry(spec.registry())
            .addAllTagNames(spec.tags())
            .putAllBuildArgs(spec.buildArgs())
            .putAllLabels(spec.labels())
            .setTarget(spec.target())
            .setNoCache(spec.noCache())
            .setPackageDigest(order.packageDigest())
            .setTimeoutSeconds(seconds(order.timeLeft().orElse(Duration.ZERO)))
            .setHeartbeatSeconds(seconds(order.heartbeat()))
            .setLeaseSeconds(seconds(order.lease()))
            .addAllInsecureRegistries(order.insecureRegistries())
            .setAttempt(order.session().attempt().number())
            .setBuildId(order.session().build().value());
    source(order.source(), pack);
    credentials(spec, pack);
    needs(spec.needs(), pack);
    return pack.build();
  }

  private static void needs(EngineNeeds needs, BuildPack.Builder pack) {
    pack.addAllPlatforms(needs.platforms())
        .addAllCacheRefs(needs.cache().from())
        .addAllCacheTo(needs.cache().to());
    needs.secrets().forEach((id, secret) -> pack.putSecrets(id, bytes(secret)));
    needs.sshKeys().forEach((id, key) -> pack.putSshKeys(id, bytes(key)));
    EngineNeeds.RunLimits limits = needs.limits();
    if (!limits.equals(EngineNeeds.RunLimits.NONE)) {
      pack.setRunLimits(
          Limits.newBuilder()
              .setCpuMillis(limits.cpuMillis())
              .setMemoryBytes(limits.memoryBytes()));
    }
  }

  private static ByteString bytes(Secret secret) {
    return ByteString.copyFrom(secret.revealBytes());
  }

  private static String dockerfilePath(BuildSpec spec) {
    if (!spec.dockerfile().isEmpty()) {
      return spec.dockerfile();
    }
    return spec.context().isEmpty() ? DOCKERFILE : spec.context() + "/" + DOCKERFILE;
  }

  private static void source(Source source, BuildPack.Builder pack) {
    switch (source) {
      case Source.PackageUrl packageUrl -> pack.setPackageUrl(packageUrl.url().reveal());
      case Source.Git git ->
          pack.setGitPackage(
              BuildPack.GitPackage.newBuilder()
                  .setUrl(git.url())
                  .setSha(git.ref())
                  .setPrivateKey(withNewline(git.privateKey().reveal()))
                  .setToken(git.token().reveal())
                  .setKnownHosts(git.trust().knownHosts())
                  .setSubmodules(git.trust().submodules()));
      case Source.Inline(String dockerfile) ->
          pack.setInlineDockerfile(ByteString.copyFromUtf8(dockerfile));
      case Source.Uploaded _ ->
          throw new IllegalArgumentException("an uploaded source must stand as its URL");
      case Source.Image(String reference) -> pack.setSourceImage(reference);
    }
  }

  /** OpenSSH takes no key without it, and clients tend to trim. */
  private static String withNewline(String key) {
    return key.isEmpty() || key.endsWith("\n") ? key : key + "\n";
  }

  private static void credentials(BuildSpec spec, BuildPack.Builder pack) {
    Credentials push = spec.push();
    pack.setPushToken(push.password().reveal());
    if (!push.username().isEmpty() && !push.username().equals(Capability.TOKEN_USER)) {
      pack.setPushUsername(push.username());
    } else {
      // Quay's agent pulls the tag of a cache with it, as the same user.
      pack.setPullToken(push.password().reveal());
    }
    Credentials pull = spec.pull().getOrDefault(spec.registry(), Credentials.NONE);
    if (!pull.isEmpty()) {
      pack.setBaseImage(
          BuildPack.BaseImage.newBuilder()
              .setUsername(pull.username())
              .setPassword(pull.password().reveal()));
    }
    spec.pull()
        .forEach((registry, credentials) -> pack.putRegistryAuth(registry, auth(credentials)));
  }

  private static RegistryAuth auth(Credentials credentials) {
    return RegistryAuth.newBuilder()
        .setUsername(credentials.username())
        .setPassword(credentials.password().reveal())
        .build();
  }

  /** Rounded up: 0 has another meaning. */
  private static int seconds(Duration span) {
    if (span.isZero()) {
      return 0;
    }
    return Math.clamp(span.plusMillis(999).toSeconds(), 1, Integer.MAX_VALUE);
  }
}
