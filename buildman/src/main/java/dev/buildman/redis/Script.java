package dev.buildman.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A Lua script from a resource, with the files that it includes before it. Two kinds of comment
 * lines are read: {@code --! include: FILE...}, by paths relative to the file itself, and {@code
 * --! limits: NAME...}, the settings that the script wants as arguments.
 */
public final class Script {
  private static final String INCLUDE = "--! include:";
  private static final String LIMITS = "--! limits:";

  private final String name;
  private final String text;
  private final String sha;
  private final List<String> limits;

  private Script(String name, String text, Set<String> limits) {
    this.name = name;
    this.text = text;
    this.limits = List.copyOf(limits);
    this.sha = sha1(text);
  }

  /**
   * Reads a resource.
   *
   * @param beside a class of the same package
   * @throws IllegalStateException when it or a file that it includes is missing: a broken build
   */
  public static Script load(Class<?> beside, String file) {
    String folder = "/" + beside.getPackageName().replace('.', '/') + "/";
    Set<String> limits = new LinkedHashSet<>();
    StringBuilder text = new StringBuilder();
    append(beside, normalize(folder + file), text, limits, new LinkedHashSet<>());
    return new Script(file, text.toString(), limits);
  }

  private static void append(
      Class<?> beside, String path, StringBuilder text, Set<String> limits, Set<String> seen) {
    if (!seen.add(path)) {
      return;
    }
    String own = read(beside, path);
    String folder = path.substring(0, path.lastIndexOf('/') + 1);
    for (String line : own.lines().toList()) {
      if (line.startsWith(INCLUDE)) {
        for (String file : words(line.substring(INCLUDE.length()))) {
          append(beside, normalize(folder + file), text, limits, seen);
        }
      } else if (line.startsWith(LIMITS)) {
        limits.addAll(words(line.substring(LIMITS.length())));
      }
    }
    text.append(own).append('\n');
  }

  private static List<String> words(String line) {
    return List.of(line.strip().split(" +", -1));
  }

  private static String normalize(String path) {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.removeLast();
      } else {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  private static String read(Class<?> beside, String path) {
    try (InputStream in = beside.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + path + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For messages. */
  public String name() {
    return name;
  }

  /** The whole Lua text. */
  public String text() {
    return text;
  }

  /** SHA-1 of the text, as {@code EVALSHA} wants it. */
  public String sha() {
    return sha;
  }

  /** Names of the settings that the script reads. */
  public List<String> limits() {
    return limits;
  }

  /** The same script with another text: for tests that break a rule. */
  public Script patched(UnaryOperator<String> patch) {
    return new Script(name, patch.apply(text), new LinkedHashSet<>(limits));
  }

  @Override
  public String toString() {
    return name;
  }
}
