package dev.buildman.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What all values of one reading share: where they come from and what was found. */
final class ReadingContext {

  final String file;
  final Path folder;
  final Map<String, String> environment;
  final Problems problems = new Problems();
  final SortedSet<String> keys = new TreeSet<>();
  final SortedMap<String, String> values = new TreeMap<>();
  final Set<Path> files = new LinkedHashSet<>();

  /**
   * @param file the file's name for messages
   * @param folder what relative paths in values start from
   */
  ReadingContext(String file, Path folder, Map<String, String> environment) {
    this.file = file;
    this.folder = folder;
    this.environment = environment;
  }

  /**
   * Notes that a key is known to a parser, whether it is set or not; an index or a free name is
   * left out.
   */
  void asked(String path) {
    keys.add(path.replaceAll("\\[[^\\]]*]", "[]"));
  }

  void read(String path, String value) {
    values.put(path, digest(value));
  }

  Path resolve(String path) {
    return folder.resolve(path).normalize();
  }

  /** The text of a file; empty when it cannot be read, with the problem added. */
  Optional<String> text(Path path, Position at, String key) {
    files.add(path);
    try {
      return Optional.of(decode(Files.readAllBytes(path)));
    } catch (CharacterCodingException e) {
      problems.error(at, key, "the file " + path + " is not UTF-8 text");
    } catch (IOException e) {
      problems.error(at, key, "the file " + path + " cannot be read (" + reason(path) + ")");
    }
    return Optional.empty();
  }

  static String reason(Path path) {
    if (Files.isDirectory(path)) {
      return "it is a folder";
    }
    return Files.exists(path) ? "no permission" : "it does not exist";
  }

  static String decode(byte[] bytes) throws CharacterCodingException {
    String text =
        StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(bytes)).toString();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static String digest(String value) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(value.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
