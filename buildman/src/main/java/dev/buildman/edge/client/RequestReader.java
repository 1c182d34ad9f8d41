package dev.buildman.edge.client;

import com.google.protobuf.ByteString;
import dev.buildman.intake.BuildReader;
import dev.buildman.intake.BuildRequest;
import dev.buildman.intake.BuildRequest.RequestedCredentials;
import dev.buildman.intake.BuildRequest.RequestedSource;
import dev.buildman.intake.BuildWatch;
import dev.buildman.intake.Violation;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Credentials;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.proto.v1.ListBuildsRequest;
import dev.buildman.proto.v1.RunLimits;
import dev.buildman.proto.v1.WatchBuildRequest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads requests as they came, unchecked: what is wrong with them is intake's matter. */
final class RequestReader {

  private RequestReader() {}

  static BuildRequest read(CreateBuildRequest request) {
    return new BuildRequest(
        request.getBuildId(),
        request.getIdempotencyKey(),
        request.getForeignId(),
        spec(request.getSpec()),
        request.getPriority(),
        request.getTries(),
        request.hasTimeout() ? Optional.of(duration(request.getTimeout())) : Optional.empty(),
        request.getMetadataMap());
  }

  private static BuildRequest.Spec spec(BuildSpec spec) {
    Map<String, RequestedCredentials> pull = new HashMap<>();
    spec.getBaseImageCredentialsMap()
        .forEach((registry, credentials) -> pull.put(registry, credentials(credentials)));
    return new BuildRequest.Spec(
        spec.getRepository(),
        spec.getRegistry(),
        spec.getTagsList(),
        sources(spec),
        spec.getContext(),
        spec.getDockerfile(),
        spec.getBuildArgsMap(),
        spec.getLabelsMap(),
        spec.getTarget(),
        spec.getNoCache(),
        credentials(spec.getPushCredentials()),
        pull,
        needs(spec));
  }

  private static EngineNeeds needs(BuildSpec spec) {
    RunLimits limits = spec.getRunLimits();
    return new EngineNeeds(
        spec.getPlatformsList(),
        secrets(spec.getSecretsMap()),
        secrets(spec.getSshKeysMap()),
        new EngineNeeds.Cache(spec.getCacheFromList(), spec.getCacheToList()),
        new EngineNeeds.RunLimits(limits.getCpuMillis(), limits.getMemoryBytes()));
  }

  private static Map<String, Secret> secrets(Map<String, ByteString> given) {
    Map<String, Secret> secrets = new HashMap<>();
    given.forEach((id, value) -> secrets.put(id, Secret.ofBytes(value.toByteArray())));
    return secrets;
  }

  private static List<RequestedSource> sources(BuildSpec spec) {
    if (!spec.getPackageDigest().isEmpty() && !spec.hasPackageUrl()) {
      throw invalid("spec.package_digest", "it belongs to package_url alone");
    }
    return switch (spec.getSourceCase()) {
      case PACKAGE_URL ->
          List.of(
              new RequestedSource.PackageUrl(
                  Secret.of(spec.getPackageUrl()), spec.getPackageDigest()));
      case GIT -> List.of(git(spec.getGit()));
      case INLINE_DOCKERFILE -> List.of(new RequestedSource.Inline(spec.getInlineDockerfile()));
      case UPLOADED_SOURCE -> List.of(new RequestedSource.Uploaded(spec.getUploadedSource()));
      case SOURCE_IMAGE -> List.of(new RequestedSource.Image(spec.getSourceImage()));
      case SOURCE_NOT_SET -> List.of();
    };
  }

  private static RequestedSource git(GitSource git) {
    return new RequestedSource.Git(
        Secret.of(git.getUrl()),
        git.getRef(),
        Secret.of(git.getPrivateKey()),
        Secret.of(git.getToken()),
        new Source.GitTrust(git.getKnownHosts(), !git.getSkipSubmodules()));
  }

  private static RequestedCredentials credentials(Credentials credentials) {
    return new RequestedCredentials(
        credentials.getUsername(), Secret.of(credentials.getPassword()));
  }

  private static Duration duration(com.google.protobuf.Duration duration) {
    try {
      return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    } catch (ArithmeticException e) {
      return Duration.ofSeconds(Long.MAX_VALUE);
    }
  }

  static BuildReader.Query read(ListBuildsRequest request) {
    Set<dev.buildman.model.Phase> phases = EnumSet.noneOf(dev.buildman.model.Phase.class);
    for (int i = 0; i < request.getPhasesCount(); i++) {
      Optional<dev.buildman.model.Phase> phase = Phases.model(request.getPhases(i));
      if (phase.isEmpty()) {
        throw invalid("phases[" + i + "]", "this is no phase");
      }
      phases.add(phase.get());
    }
    return new BuildReader.Query(
        request.getNamespace(),
        request.getRepository(),
        phases,
        request.getPageSize(),
        request.getPageToken());
  }

  static BuildWatch.Seen seen(WatchBuildRequest request) {
    return new BuildWatch.Seen(request.getCursor(), eventsAfter(request));
  }

  private static Optional<Instant> eventsAfter(WatchBuildRequest request) {
    if (!request.hasEventsAfter()) {
      return Optional.empty();
    }
    try {
      var after = request.getEventsAfter();
      return Optional.of(Instant.ofEpochSecond(after.getSeconds(), after.getNanos()));
    } catch (DateTimeException | ArithmeticException e) {
      throw invalid("events_after", "this is no time");
    }
  }

  private static RuntimeException invalid(String field, String text) {
    return Statuses.invalid(List.of(new Violation(field, text)));
  }
}
