package planted.session;

/** One half of a cycle. */
public final class KnowsEdge {
  planted.edge.agent.KnowsSession planted;
}
