package planted.executor.popen;

/** Innocent: an adapter knows its port. */
public final class Adapter implements planted.executor.Port {}
