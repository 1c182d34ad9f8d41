package planted.executor;

/** Innocent. */
public interface Port {}
