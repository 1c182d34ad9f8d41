package dev.buildman.intake;

import dev.buildman.intake.BuildRequest.RequestedCredentials;
import dev.buildman.intake.BuildRequest.RequestedSource;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds requests for tests: a good one, and then one thing about it changed. */
public final class Requests {

  private String id = "";
  private String key = "";
  private String repository = "acme/app";
  private String registry = "";
  private List<String> tags = List.of();
  private List<RequestedSource> sources;
  private String context = "";
  private String dockerfile = "";
  private Map<String, String> buildArgs = Map.of();
  private Map<String, String> labels = Map.of();
  private String target = "";
  private RequestedCredentials push = new RequestedCredentials("", Secret.NONE);
  private Map<String, RequestedCredentials> pull = Map.of();
  private EngineNeeds needs = EngineNeeds.NONE;
  private int priority;
  private int tries;
  private Optional<Duration> timeout = Optional.empty();

  private Requests(RequestedSource source) {
    this.sources = List.of(source);
  }

  public static Requests inline() {
    return new Requests(new RequestedSource.Inline("FROM scratch\n"));
  }

  public static Requests git(String url) {
    return new Requests(new RequestedSource.Git(Secret.of(url), "", Secret.NONE, Secret.NONE));
  }

  public Requests id(String value) {
    id = value;
    return this;
  }

  public Requests key(String value) {
    key = value;
    return this;
  }

  public Requests repository(String value) {
    repository = value;
    return this;
  }

  public Requests registry(String value) {
    registry = value;
    return this;
  }

  public Requests tags(String... value) {
    tags = List.of(value);
    return this;
  }

  public Requests sources(RequestedSource... value) {
    sources = List.of(value);
    return this;
  }

  public Requests context(String value) {
    context = value;
    return this;
  }

  public Requests dockerfile(String value) {
    dockerfile = value;
    return this;
  }

  public Requests buildArgs(Map<String, String> value) {
    buildArgs = value;
    return this;
  }

  public Requests labels(Map<String, String> value) {
    labels = value;
    return this;
  }

  public Requests target(String value) {
    target = value;
    return this;
  }

  public Requests push(RequestedCredentials value) {
    push = value;
    return this;
  }

  public Requests pull(Map<String, RequestedCredentials> value) {
    pull = value;
    return this;
  }

  public Requests needs(EngineNeeds value) {
    needs = value;
    return this;
  }

  public Requests priority(int value) {
    priority = value;
    return this;
  }

  public Requests tries(int value) {
    tries = value;
    return this;
  }

  public Requests timeout(Duration value) {
    timeout = Optional.of(value);
    return this;
  }

  public BuildRequest build() {
    BuildRequest.Spec spec =
        new BuildRequest.Spec(
            repository,
            registry,
            tags,
            sources,
            context,
            dockerfile,
            buildArgs,
            labels,
            target,
            false,
            push,
            pull,
            needs);
    return new BuildRequest(id, key, "", spec, priority, tries, timeout, Map.of());
  }
}
