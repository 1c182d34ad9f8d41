package dev.buildman.orchestrator;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Namespace;
import dev.buildman.model.RepositoryName;

/**
 * Names of the keys in Redis. All begin with one hash tag, so that they share a slot of a cluster.
 * Scripts get {@link #meta} and compute the others by the same rules ({@code core.lua}).
 */
public final class OrchestratorKeys {
  private static final String DEFAULT_PREFIX = "buildman";

  private final String tag;

  /**
   * @param prefix {@code ORCHESTRATOR_PREFIX}; empty: {@code buildman}
   * @throws IllegalArgumentException when it has braces, which would end the tag
   */
  public OrchestratorKeys(String prefix) {
    if (prefix.contains("{") || prefix.contains("}")) {
      throw new IllegalArgumentException(
          "ORCHESTRATOR_PREFIX '" + prefix + "' is not valid: it must not have braces");
    }
    this.tag = "{" + (prefix.isEmpty() ? DEFAULT_PREFIX : prefix) + "}";
  }

  /** The tag itself: every key begins with it. */
  public String tag() {
    return tag;
  }

  public String meta() {
    return tag + "meta";
  }

  public String build(BuildId id) {
    return tag + "build/" + id;
  }

  public String history(BuildId id) {
    return tag + "events/" + id;
  }

  public String job(BuildId id) {
    return tag + "building/" + id;
  }

  /** The key whose expiry raises the keyspace event of a job's deadline. */
  public String expiring(BuildId id) {
    return job(id) + "/expiring";
  }

  public String jobs() {
    return tag + "jobs";
  }

  public String slots() {
    return tag + "slots";
  }

  public String live(ExecutorName executor) {
    return tag + "executor/" + executor + "/live";
  }

  public String duty(AttemptId attempt) {
    return tag + "duty/" + attempt;
  }

  public String heads(Namespace namespace) {
    return tag + "heads/" + namespace;
  }

  public String behind(RepositoryName repository) {
    return tag + "behind/" + repository;
  }

  public String holding(RepositoryName repository) {
    return tag + "holding/" + repository;
  }

  /** Repositories with builds behind others. */
  public String repositoriesBehind() {
    return tag + "behind";
  }

  public String ended() {
    return tag + "ended";
  }

  public String manager(ManagerId id) {
    return tag + "managers/" + id;
  }

  /** The channel of hints. */
  public String events() {
    return tag + "events";
  }
}
