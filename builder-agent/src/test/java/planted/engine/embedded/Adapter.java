package planted.engine.embedded;

/** Innocent: an adapter knows its port. */
public final class Adapter implements planted.engine.Port {}
