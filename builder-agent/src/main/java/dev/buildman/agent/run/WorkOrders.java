package dev.buildman.agent.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.registry.Repository;
import dev.buildman.agent.source.SourceLocation;
import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.agent.source.SourceRequest;
import dev.buildman.agent.source.SourceRequest.PathOrigin;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.BuildPack.BuildPackCase;
import dev.buildman.proto.agent.BuildPack.GitPackage;
import dev.buildman.proto.agent.FailureCode;
import dev.buildman.proto.agent.RegistryAuth;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads build packs, from a manager of ours or Quay's. */
final class WorkOrders {
  /** The build argument by which reproducible builds are asked for everywhere. */
  private static final String SOURCE_DATE = "SOURCE_DATE_EPOCH";

  private final BuildPack pack;
  private final RegistrySettings settings;

  private WorkOrders(BuildPack pack, RegistrySettings settings) {
    this.pack = pack;
    this.settings = settings;
  }

  /**
   * Reads a pack.
   *
   * @param settings how registries are spoken to from this machine
   * @throws BuildFailure when it asks for something that does not exist or that no agent of this
   *     version can do: nothing that was asked for is silently dropped
   */
  static WorkOrder read(BuildPack pack, RegistrySettings settings) throws BuildFailure {
    return new WorkOrders(pack, settings).read();
  }

  private WorkOrder read() throws BuildFailure {
    if (!pack.getSourceImage().isEmpty()) {
      refuseUnused();
    }
    try {
      return new WorkOrder(source(), options(), tags(), registries(), copied());
    } catch (IllegalArgumentException | DateTimeException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
  }

  /** What a copy has no use for is refused: its image stays as it is, with its digest. */
  private void refuseUnused() throws BuildFailure {
    Map<String, Boolean> asked = new LinkedHashMap<>();
    asked.put("a source", pack.getBuildPackCase() != BuildPackCase.BUILDPACK_NOT_SET);
    asked.put("inline_dockerfile", !pack.getInlineDockerfile().isEmpty());
    asked.put("build_args", pack.getBuildArgsCount() > 0);
    asked.put("labels", pack.getLabelsCount() > 0);
    asked.put("target", !pack.getTarget().isEmpty());
    asked.put("platforms", pack.getPlatformsCount() > 0);
    asked.put("secrets", pack.getSecretsCount() + pack.getSshKeysCount() > 0);
    asked.put("caches", pack.getCacheRefsCount() + pack.getCacheToCount() > 0);
    List<String> unused =
        asked.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList();
    if (!unused.isEmpty()) {
      throw invalid("an image is to be copied, which has no use for " + String.join(", ", unused));
    }
  }

  /** Named as in FROM. */
  private @Nullable ImageReference copied() {
    return pack.getSourceImage().isEmpty() ? null : ImageReference.parse(pack.getSourceImage());
  }

  private SourceRequest source() {
    ByteText inline = new ByteText(pack.getInlineDockerfile().toByteArray());
    // Quay's manager gives the Dockerfile's path relative to the context.
    PathOrigin origin = pack.getBuildId().isEmpty() ? PathOrigin.CONTEXT : PathOrigin.SOURCE;
    return new SourceRequest(
        location(), pack.getContext(), pack.getDockerfilePath(), origin, inline.orNull());
  }

  private record ByteText(byte[] bytes) {
    @Nullable String orNull() {
      return bytes.length == 0 ? null : new String(bytes, UTF_8);
    }
  }

  private SourceLocation location() {
    return switch (pack.getBuildPackCase()) {
      case PACKAGE_URL ->
          new SourceLocation.Packed(pack.getPackageUrl(), orNull(pack.getPackageDigest()));
      case GIT_PACKAGE -> git(pack.getGitPackage());
      case BUILDPACK_NOT_SET -> new SourceLocation.None();
    };
  }

  private SourceLocation git(GitPackage git) {
    // Quay's manager cannot say it, and its worker always fetches them.
    boolean quays = pack.getBuildId().isEmpty();
    return new SourceLocation.Git(
        git.getUrl(),
        git.getSha(),
        git.getRef(),
        quays || git.getSubmodules(),
        new Login(git.getPrivateKey(), git.getToken(), git.getKnownHosts()));
  }

  private BuildOptions options() {
    String epoch = pack.getBuildArgsMap().get(SOURCE_DATE);
    Instant sourceDate = epoch == null ? null : Instant.ofEpochSecond(Long.parseLong(epoch));
    List<Platform> platforms =
        pack.getPlatformsList().stream().map(Platform::parse).distinct().toList();
    return new BuildOptions(
        pack.getBuildArgsMap(),
        pack.getLabelsMap(),
        orNull(pack.getTarget()),
        pack.getNoCache(),
        sourceDate,
        platforms,
        run(),
        new CacheRefs(images(pack.getCacheRefsList()), images(pack.getCacheToList())));
  }

  private RunInputs run() {
    return new RunInputs(
        bytes(pack.getSecretsMap()),
        bytes(pack.getSshKeysMap()),
        pack.getRunLimits().getCpuMillis(),
        pack.getRunLimits().getMemoryBytes());
  }

  private static Map<String, byte[]> bytes(Map<String, ByteString> values) {
    Map<String, byte[]> bytes = new HashMap<>();
    values.forEach((id, value) -> bytes.put(id, value.toByteArray()));
    return bytes;
  }

  /** A name without a registry is in the registry that is pushed to. */
  private List<ImageReference> images(List<String> names) {
    return names.stream().map(this::image).toList();
  }

  private ImageReference image(String name) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
    return ImageReference.parse(named ? name : pack.getRegistry() + "/" + name);
  }

  private List<ImageReference> tags() {
    if (pack.getTagNamesCount() == 0) {
      throw new IllegalArgumentException("the build names no tag to push to");
    }
    Repository repository = new Repository(pack.getRegistry(), pack.getRepository());
    return pack.getTagNamesList().stream()
        .distinct()
        .map(tag -> new ImageReference(repository, tag, null))
        .toList();
  }

  private RegistryAccess registries() {
    Map<String, Credentials> pull = new HashMap<>();
    if (!pack.getPullToken().isEmpty()) {
      pull.put(pack.getRegistry(), Credentials.quayToken(pack.getPullToken()));
    }
    if (!pack.getBaseImage().getUsername().isEmpty()) {
      pull.put(
          pack.getRegistry(),
          new Credentials(pack.getBaseImage().getUsername(), pack.getBaseImage().getPassword()));
    }
    pack.getRegistryAuthMap().forEach((registry, auth) -> pull.put(registry, credentials(auth)));
    return new RegistryAccess(
        CredentialStore.of(pull),
        CredentialStore.of(push()),
        settings.withInsecure(Set.copyOf(pack.getInsecureRegistriesList())));
  }

  private Map<String, Credentials> push() {
    String name = pack.getPushUsername();
    if (name.isEmpty() && pack.getPushToken().isEmpty()) {
      return Map.of();
    }
    return Map.of(
        pack.getRegistry(),
        name.isEmpty()
            ? Credentials.quayToken(pack.getPushToken())
            : new Credentials(name, pack.getPushToken()));
  }

  private static Credentials credentials(RegistryAuth auth) {
    return new Credentials(auth.getUsername(), auth.getPassword(), orNull(auth.getIdentityToken()));
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static BuildFailure invalid(String message) {
    return new BuildFailure(FailureCode.MISSING_OR_INVALID_ARGUMENT, message);
  }
}
