package dev.buildman.executor.ec2;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Installation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Tag;

/** What is written on an instance in the very call that launches it (E6): whose worker it is. */
final class InstanceTags {
  static final String DOMAIN = "buildman.dev/";

  /** A person's wish that the instance is left alone for now (E9). */
  static final String KEEP = DOMAIN + "keep";

  private static final String INSTALLATION = DOMAIN + "installation";
  private static final String EXECUTOR = DOMAIN + "executor";
  private static final String WORKER = DOMAIN + "worker";
  private static final String BUILD = DOMAIN + "build";
  private static final String ATTEMPT = DOMAIN + "attempt";
  private static final String STATE = DOMAIN + "redis-state";
  private static final String NAME = "Name";

  private static final int LONGEST_KEY = 128;
  private static final int LONGEST_VALUE = 256;
  // 50 in all, of which these are ours.
  private static final int MOST = 50 - 8;

  /** The tags of {@code EC2_TAGS}: for bills, and for policies of the account. */
  record Own(Map<String, String> all) {
    Own {
      all = Map.copyOf(all);
    }

    static Own parse(ConfigMap map) {
      Map<String, String> tags = map.textMap("EC2_TAGS");
      tags.forEach(
          (key, value) -> {
            if (key.startsWith(DOMAIN) || key.startsWith("aws:")) {
              map.section("EC2_TAGS").problem(key, "is a tag that only others may set");
            } else if (key.length() > LONGEST_KEY || value.length() > LONGEST_VALUE) {
              map.section("EC2_TAGS")
                  .problem(
                      key,
                      "is too long: a tag's key has at most %d characters, its value %d"
                          .formatted(LONGEST_KEY, LONGEST_VALUE));
            }
          });
      if (tags.size() > MOST) {
        map.problem("EC2_TAGS", "are more than %d: ours need some too".formatted(MOST));
      }
      return new Own(tags);
    }
  }

  private final Own own;
  private final String installation;
  private final String executor;

  InstanceTags(Own own, ExecutorName executor, Installation installation) {
    this.own = own;
    this.installation = installation.id();
    this.executor = executor.value();
  }

  /** Selects what belongs to this executor of this installation (E7). */
  List<Filter> owner() {
    return List.of(filter(INSTALLATION, installation), filter(EXECUTOR, executor));
  }

  /** Selects one worker. */
  Filter worker(ExecutionName name) {
    return filter(WORKER, name.value());
  }

  private static Filter filter(String tag, String value) {
    return Filter.builder().name("tag:" + tag).values(value).build();
  }

  List<Tag> of(WorkerRequest request) {
    Map<String, String> tags = new TreeMap<>();
    tags.put(NAME, request.name().value());
    tags.putAll(own.all());
    tags.put(INSTALLATION, installation);
    tags.put(EXECUTOR, executor);
    tags.put(WORKER, request.name().value());
    tags.put(BUILD, request.attempt().build().value());
    tags.put(ATTEMPT, Integer.toString(request.attempt().number()));
    tags.put(STATE, request.installation().state());
    return tags.entrySet().stream()
        .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
        .toList();
  }

  /** The worker that an instance was launched as; empty when its tags make no sense. */
  static Optional<SeenWorker> worker(String instance, List<Tag> tags) {
    try {
      AttemptId attempt =
          new AttemptId(new BuildId(value(tags, BUILD)), Integer.parseInt(value(tags, ATTEMPT)));
      return ExecutionName.parse(value(tags, WORKER))
          .map(
              name ->
                  new SeenWorker(
                      attempt, WorkerRef.of(name, new ExecutionId(instance)), value(tags, STATE)));
    } catch (IllegalArgumentException e) {
      // Somebody copied a part of our tags: it is no worker that a manager started.
      return Optional.empty();
    }
  }

  static boolean isKept(List<Tag> tags) {
    return tags.stream()
        .anyMatch(tag -> tag.key().equals(KEEP) && !"false".equalsIgnoreCase(tag.value()));
  }

  private static String value(List<Tag> tags, String key) {
    return tags.stream()
        .filter(tag -> tag.key().equals(key))
        .map(Tag::value)
        .findFirst()
        .orElse("");
  }
}
