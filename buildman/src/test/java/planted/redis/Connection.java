package planted.redis;

/** Innocent: what the others reach for. */
public final class Connection {
  private Connection() {}
}
