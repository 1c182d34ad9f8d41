package planted.edge.agent;

/** The other half of a cycle; allowed by itself. */
public final class KnowsSession {
  planted.session.KnowsEdge planted;
}
