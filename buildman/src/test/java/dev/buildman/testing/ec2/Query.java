package dev.buildman.testing.ec2;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A request's names and values, as the Query protocol spells them: {@code Filter.1.Value.2}. */
record Query(Map<String, String> values) {

  static Query parse(String form) {
    Map<String, String> values = new TreeMap<>();
    for (String pair : form.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
      }
    }
    return new Query(values);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Empty when it is absent. */
  String get(String name) {
    return values.getOrDefault(name, "");
  }

  String get(String name, String otherwise) {
    return has(name) ? get(name) : otherwise;
  }

  boolean has(String name) {
    return !get(name).isEmpty();
  }

  boolean is(String name) {
    return get(name).equals("true");
  }

  /** What {@code name.1}, {@code name.2} and so on hold. */
  List<String> list(String name) {
    List<String> list = new ArrayList<>();
    for (int n = 1; values.containsKey(name + "." + n); n++) {
      list.add(values.get(name + "." + n));
    }
    return list;
  }

  /** The structures {@code name.1.*}, {@code name.2.*} and so on. */
  List<Query> structures(String name) {
    List<Query> list = new ArrayList<>();
    for (int n = 1; ; n++) {
      Query one = structure(name + "." + n);
      if (one.values().isEmpty()) {
        return list;
      }
      list.add(one);
    }
  }

  /** What lies below {@code name.}. */
  Query structure(String name) {
    Map<String, String> below = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(name + ".")) {
            below.put(key.substring(name.length() + 1), value);
          }
        });
    return new Query(below);
  }

  /** These, and what they lack of others. */
  Query over(Map<String, String> defaults) {
    Map<String, String> all = new TreeMap<>(defaults);
    all.putAll(values);
    return new Query(all);
  }

  Query without(String... names) {
    Map<String, String> rest = new TreeMap<>(values);
    for (String name : names) {
      rest.remove(name);
    }
    return new Query(rest);
  }

  /** Pairs of {@code Tag.N}. */
  Map<String, String> tags() {
    Map<String, String> tags = new TreeMap<>();
    structures("Tag").forEach(tag -> tags.put(tag.get("Key"), tag.get("Value")));
    return tags;
  }
}
