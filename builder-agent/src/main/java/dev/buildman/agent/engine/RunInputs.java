package dev.buildman.agent.engine;

import java.util.Map;

/**
 * What RUN instructions get beside files, none of it a part of the image. {@code toString} shows
 * ids only.
 *
 * @param secrets of {@code --mount=type=secret}, by id
 * @param sshKeys OpenSSH private keys of {@code --mount=type=ssh}, by id
 * @param cpuMillis processors for all that RUN starts, in thousandths; 0: no limit
 * @param memoryBytes memory for all that RUN starts; 0: no limit
 */
public record RunInputs(
    Map<String, byte[]> secrets, Map<String, byte[]> sshKeys, int cpuMillis, long memoryBytes) {

  /** No secrets, no keys, no limits. */
  public static final RunInputs NONE = new RunInputs(Map.of(), Map.of(), 0, 0);

  public RunInputs {
    secrets = Map.copyOf(secrets);
    sshKeys = Map.copyOf(sshKeys);
  }

  /** Whether anything is limited. */
  public boolean limited() {
    return cpuMillis > 0 || memoryBytes > 0;
  }

  @Override
  public String toString() {
    return "RunInputs[secrets=" + secrets.keySet() + ", sshKeys=" + sshKeys.keySet() + "]";
  }
}
