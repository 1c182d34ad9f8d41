package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The objects of a cluster by kind and name, with versions, and whoever watches them. */
public final class ObjectStore {
  private static final ObjectMapper JSON = new ObjectMapper();

  // A real server forgets after minutes; whoever was away for longer lists anew.
  private static final int REMEMBERED = 2_000;

  /** One change, as a watch sends it. */
  public record Change(long version, String kind, String type, ObjectNode object) {}

  private final Map<String, Map<String, ObjectNode>> kinds = new LinkedHashMap<>();
  private final ArrayDeque<Change> history = new ArrayDeque<>();
  private long forgotten;
  private final List<Consumer<Change>> watchers = new CopyOnWriteArrayList<>();
  private long version = 1000;

  /** A DELETE of a pod: it is marked, and a kubelet ends it. */
  public synchronized boolean leave(String kind, String name) {
    if (!of(kind).containsKey(name)) {
      return false;
    }
    change(kind, name, o -> ((ObjectNode) o.get("metadata")).put("deletionTimestamp", now()));
    return true;
  }

  /** Adds an object; empty when its name is taken. */
  public synchronized Optional<ObjectNode> create(String kind, ObjectNode given) {
    ObjectNode object = given.deepCopy();
    String name = object.at("/metadata/name").asText();
    if (of(kind).containsKey(name)) {
      return Optional.empty();
    }
    ObjectNode meta = (ObjectNode) object.get("metadata");
    meta.put("uid", UUID.randomUUID().toString());
    meta.put("creationTimestamp", now());
    put("ADDED", kind, name, object);
    return Optional.of(object.deepCopy());
  }

  public static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Puts an object as it is, whether it was there or not. */
  public synchronized void set(String kind, ObjectNode object) {
    String name = object.at("/metadata/name").asText();
    String type = of(kind).containsKey(name) ? "MODIFIED" : "ADDED";
    put(type, kind, name, object.deepCopy());
  }

  /** Changes an object, if it is there. */
  public synchronized void change(String kind, String name, Consumer<ObjectNode> change) {
    ObjectNode present = of(kind).get(name);
    if (present != null) {
      ObjectNode next = present.deepCopy();
      change.accept(next);
      put("MODIFIED", kind, name, next);
    }
  }

  private void put(String type, String kind, String name, ObjectNode object) {
    version++;
    ((ObjectNode) object.get("metadata")).put("resourceVersion", Long.toString(version));
    of(kind).put(name, object);
    tell(new Change(version, kind, type, object.deepCopy()));
  }

  /** Removes an object; whether it was there. */
  public synchronized boolean remove(String kind, String name) {
    ObjectNode gone = of(kind).remove(name);
    if (gone == null) {
      return false;
    }
    version++;
    ((ObjectNode) gone.get("metadata")).put("resourceVersion", Long.toString(version));
    tell(new Change(version, kind, "DELETED", gone));
    return true;
  }

  private void tell(Change change) {
    history.add(change);
    if (history.size() > REMEMBERED) {
      forgotten = history.remove().version();
    }
    watchers.forEach(watcher -> watcher.accept(change));
  }

  public synchronized Optional<ObjectNode> get(String kind, String name) {
    return Optional.ofNullable(of(kind).get(name)).map(ObjectNode::deepCopy);
  }

  /** All of a kind that have these labels. */
  public synchronized List<ObjectNode> list(String kind, Map<String, String> labels) {
    return of(kind).values().stream()
        .filter(object -> matches(object, labels))
        .map(ObjectNode::deepCopy)
        .toList();
  }

  public static boolean matches(ObjectNode object, Map<String, String> labels) {
    return labels.entrySet().stream()
        .allMatch(
            label ->
                object
                    .path("metadata")
                    .path("labels")
                    .path(label.getKey())
                    .asText()
                    .equals(label.getValue()));
  }

  /** Version of the last change that no watch can go on from any more. */
  public synchronized long forgotten() {
    return forgotten;
  }

  public synchronized long version() {
    return version;
  }

  /** Calls for each change after a version, from the past first; run to end it. */
  public synchronized Runnable watch(long after, Consumer<Change> watcher) {
    history.stream().filter(change -> change.version() > after).forEach(watcher);
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  private Map<String, ObjectNode> of(String kind) {
    return kinds.computeIfAbsent(kind, _ -> new LinkedHashMap<>());
  }

  /** An object of JSON text. */
  public static ObjectNode parse(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
