package dev.buildman.executor.docker;

import dev.buildman.executor.AgentVariables;
import dev.buildman.executor.WorkerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The files that a worker finds at its start, in a volume of its container's own: neither the
 * container's description nor its image shows them, and they are removed with it.
 */
final class HandOver {
  /** Where the volume is. */
  static final String FOLDER = "/run/buildman";

  /** What the agent may write to. */
  static final String WORK = FOLDER + "/work";

  static final String TOKEN_FILE = FOLDER + "/token";

  private static final String AUTHORITY = "ca.crt";
  private static final String MORE_AUTHORITIES = "extra-ca.crt";
  private static final int READABLE = 0444;
  private static final int ANYBODYS = 0777;

  private HandOver() {}

  /** The variables that lead an agent to the certificates that it is given. */
  static Map<String, String> certificates(Map<String, Path> files) {
    Map<String, String> variables = new LinkedHashMap<>();
    if (files.containsKey(AUTHORITY)) {
      AgentVariables.authority(variables, FOLDER + "/" + AUTHORITY);
    }
    if (files.containsKey(MORE_AUTHORITIES)) {
      AgentVariables.moreAuthorities(variables, FOLDER + "/" + MORE_AUTHORITIES);
    }
    return variables;
  }

  /**
   * The volume's content as a tar.
   *
   * @param withToken whether the token is handed over in a file
   * @throws IOException when a certificate cannot be read
   */
  static byte[] tar(WorkerRequest request, boolean withToken, Map<String, Path> files)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      // Whatever user the image runs as; nobody else is in the container.
      TarArchiveEntry work = new TarArchiveEntry("work/");
      work.setMode(ANYBODYS);
      work.setIds((int) WorkerContainer.USER, (int) WorkerContainer.USER);
      tar.putArchiveEntry(work);
      tar.closeArchiveEntry();
      if (withToken) {
        put(tar, "token", request.token().reveal().getBytes(StandardCharsets.UTF_8));
      }
      for (Map.Entry<String, Path> file : new TreeMap<>(files).entrySet()) {
        put(tar, file.getKey(), Files.readAllBytes(file.getValue()));
      }
    }
    return bytes.toByteArray();
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(READABLE);
    entry.setIds((int) WorkerContainer.USER, (int) WorkerContainer.USER);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
