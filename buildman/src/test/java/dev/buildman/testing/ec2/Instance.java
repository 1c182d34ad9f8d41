package dev.buildman.testing.ec2;

import dev.buildman.testing.kubernetes.PodProgram;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One instance; guarded by its account. */
final class Instance {

  /** States as the service names and numbers them. */
  enum State {
    PENDING(0, "pending"),
    RUNNING(16, "running"),
    SHUTTING_DOWN(32, "shutting-down"),
    TERMINATED(48, "terminated"),
    STOPPING(64, "stopping"),
    STOPPED(80, "stopped");

    final int code;
    final String word;

    State(int code, String word) {
      this.code = code;
      this.word = word;
    }
  }

  final String id;
  final String reservation;
  final String spotRequest;
  final Pool pool;
  final Query launch;
  final String fingerprint;
  final Map<String, String> tags;
  final Map<String, String> spotTags;
  final Instant launched = Instant.now();
  State state = State.PENDING;
  String reason = "pending";
  String reasonMessage = "pending";
  String transition = "";
  String spotState = "active";
  String spotCode = "fulfilled";
  String spotMessage = "Your Spot request is fulfilled.";
  boolean hidden;
  boolean listed = true;
  PodProgram.@Nullable Running machine;

  Instance(String number, Pool pool, Query launch, String fingerprint) {
    this.id = "i-0" + number;
    this.reservation = "r-0" + number;
    this.spotRequest = pool.spot() ? "sir-" + number.substring(8) : "";
    this.pool = pool;
    this.launch = launch;
    this.fingerprint = fingerprint;
    this.tags = tagsFor("instance");
    this.spotTags = tagsFor("spot-instances-request");
  }

  private Map<String, String> tagsFor(String resource) {
    Map<String, String> tags = new TreeMap<>();
    for (Query specification : launch.structures("TagSpecification")) {
      if (specification.get("ResourceType").equals(resource)) {
        tags.putAll(specification.tags());
      }
    }
    return tags;
  }

  String userData() {
    return new String(Base64.getDecoder().decode(launch.get("UserData")), StandardCharsets.UTF_8);
  }

  boolean isLive() {
    return state != State.TERMINATED && state != State.STOPPED;
  }

  SeenInstance seen() {
    boolean begun = state == State.PENDING || state == State.RUNNING;
    return new SeenInstance(
        id, pool, state.word, begun ? "" : reason, Map.copyOf(tags), Map.copyOf(launch.values()));
  }
}
