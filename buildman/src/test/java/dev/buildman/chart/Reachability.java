package dev.buildman.chart;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;

/** Who reaches whom under a chart's network policies, by the rules of Kubernetes. */
record Reachability(List<NetworkPolicy> policies) {

  /**
   * One end of a connection.
   *
   * @param namespace empty: no pod
   * @param ports names of a pod's ports
   */
  record End(
      String namespace, Map<String, String> labels, String address, Map<String, Integer> ports) {
    static End pod(String namespace, Map<String, String> labels, Map<String, Integer> ports) {
      return new End(namespace, labels, "10.1.2.3", ports);
    }

    static End outside(String address) {
      return new End("", Map.of(), address, Map.of());
    }
  }

  static Reachability of(List<HasMetadata> objects) {
    return new Reachability(
        objects.stream()
            .filter(NetworkPolicy.class::isInstance)
            .map(NetworkPolicy.class::cast)
            .toList());
  }

  boolean reaches(End from, End to, int port) {
    return leaves(from, to, port) && enters(from, to, port);
  }

  private boolean leaves(End from, End to, int port) {
    List<NetworkPolicy> holding = holding(from, "Egress");
    return holding.isEmpty()
        || holding.stream()
            .anyMatch(
                policy ->
                    policy.getSpec().getEgress().stream()
                        .anyMatch(
                            rule ->
                                peers(policy, rule.getTo(), to)
                                    && ports(rule.getPorts(), port, to)));
  }

  private boolean enters(End from, End to, int port) {
    List<NetworkPolicy> holding = holding(to, "Ingress");
    return holding.isEmpty()
        || holding.stream()
            .anyMatch(
                policy ->
                    policy.getSpec().getIngress().stream()
                        .anyMatch(
                            rule ->
                                peers(policy, rule.getFrom(), from)
                                    && ports(rule.getPorts(), port, to)));
  }

  private List<NetworkPolicy> holding(End end, String direction) {
    return policies.stream()
        .filter(policy -> policy.getMetadata().getNamespace().equals(end.namespace()))
        .filter(policy -> selects(policy.getSpec().getPodSelector(), end.labels()))
        .filter(policy -> policy.getSpec().getPolicyTypes().contains(direction))
        .toList();
  }

  private static boolean ports(List<NetworkPolicyPort> ports, int port, End to) {
    return ports.isEmpty()
        || ports.stream().map(NetworkPolicyPort::getPort).anyMatch(p -> number(p, to) == port);
  }

  private static int number(IntOrString port, End to) {
    return port.getIntVal() != null
        ? port.getIntVal()
        : to.ports().getOrDefault(port.getStrVal(), -1);
  }

  private static boolean peers(NetworkPolicy policy, List<NetworkPolicyPeer> peers, End end) {
    return peers.isEmpty() || peers.stream().anyMatch(peer -> is(policy, peer, end));
  }

  private static boolean is(NetworkPolicy policy, NetworkPolicyPeer peer, End end) {
    if (peer.getIpBlock() != null) {
      return within(peer.getIpBlock().getCidr(), end.address())
          && peer.getIpBlock().getExcept().stream().noneMatch(cidr -> within(cidr, end.address()));
    }
    if (end.namespace().isEmpty()) {
      return false;
    }
    boolean namespace =
        peer.getNamespaceSelector() == null
            ? policy.getMetadata().getNamespace().equals(end.namespace())
            : selects(
                peer.getNamespaceSelector(),
                Map.of("kubernetes.io/metadata.name", end.namespace()));
    return namespace
        && (peer.getPodSelector() == null || selects(peer.getPodSelector(), end.labels()));
  }

  private static boolean selects(LabelSelector selector, Map<String, String> labels) {
    Map<String, String> wanted =
        selector.getMatchLabels() == null ? Map.of() : selector.getMatchLabels();
    return labels.entrySet().containsAll(wanted.entrySet())
        && selector.getMatchExpressions().stream().allMatch(one -> holds(one, labels));
  }

  private static boolean holds(LabelSelectorRequirement one, Map<String, String> labels) {
    boolean in = one.getValues().contains(labels.getOrDefault(one.getKey(), ""));
    return switch (one.getOperator()) {
      case "In" -> in;
      case "NotIn" -> !in;
      default -> throw new AssertionError(one.getOperator());
    };
  }

  private static boolean within(String cidr, String address) {
    int slash = cidr.indexOf('/');
    byte[] net = bytes(cidr.substring(0, slash));
    byte[] one = bytes(address);
    int bits = Integer.parseInt(cidr.substring(slash + 1));
    if (net.length != one.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % 8);
      if ((net[bit / 8] & mask) != (one[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] bytes(String address) {
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
