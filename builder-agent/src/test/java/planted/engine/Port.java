package planted.engine;

/** Innocent. */
public interface Port {}
