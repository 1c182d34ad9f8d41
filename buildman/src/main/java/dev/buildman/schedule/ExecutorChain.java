package dev.buildman.schedule;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.Why;
import java.util.List;
import java.util.Optional;

/** The executors in order of preference. */
public final class ExecutorChain {
  private final List<ChainLink> links;

  /**
   * @param links at least one, with different names
   */
  public ExecutorChain(List<ChainLink> links) {
    this.links = List.copyOf(links);
    long names = links.stream().map(ChainLink::name).distinct().count();
    if (links.isEmpty() || names != links.size()) {
      throw new IllegalArgumentException("a chain needs executors with names of their own");
    }
  }

  public List<ChainLink> links() {
    return links;
  }

  /** The link with that name. */
  public Optional<ChainLink> link(ExecutorName name) {
    return links.stream().filter(link -> link.name().equals(name)).findFirst();
  }

  /** The executor after that one: where a walk goes on when an agent there cannot do the build. */
  public Optional<ExecutorName> successor(ExecutorName name) {
    return link(name).flatMap(link -> after(link).stream().findFirst()).map(ChainLink::name);
  }

  /** From that executor on; all of them where there is none of that name any more. */
  List<ChainLink> from(Optional<ExecutorName> first) {
    return first
        .flatMap(this::link)
        .map(l -> links.subList(links.indexOf(l), links.size()))
        .orElse(links);
  }

  List<ChainLink> after(ChainLink link) {
    return links.subList(links.indexOf(link) + 1, links.size());
  }

  /** Whether any executor is open and not known to be full: else a claim is of no use. */
  boolean mayTake() {
    return links.stream().anyMatch(link -> link.closed().isEmpty());
  }

  /** Why this manager claims nothing, whatever waits; empty: it does. */
  public Optional<Why> standstill() {
    List<Skip> closed = links.stream().flatMap(link -> link.closed().stream()).toList();
    return closed.size() < links.size()
        ? Optional.empty()
        : Optional.of(Parking.decide(closed, true).why());
  }

  /** A slot came free somewhere. */
  void sawRoom() {
    links.forEach(ChainLink::sawRoom);
  }
}
