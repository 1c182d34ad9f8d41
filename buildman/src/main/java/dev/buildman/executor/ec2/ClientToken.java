package dev.buildman.executor.ec2;

import dev.buildman.executor.ExecutionName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What makes a launch one launch, however often it is asked for (E4). The worker's name carries
 * installation, build, attempt and claim; each pool has a token of its own, as the provider refuses
 * one that comes with other parameters.
 */
final class ClientToken {
  /** The provider takes 64 ASCII characters. */
  private static final int LENGTH = 60;

  private ClientToken() {}

  static String of(ExecutionName name, Pool pool) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha256.digest((name.value() + "\n" + pool).getBytes(StandardCharsets.UTF_8));
      return "bm-" + HexFormat.of().formatHex(digest).substring(0, LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
