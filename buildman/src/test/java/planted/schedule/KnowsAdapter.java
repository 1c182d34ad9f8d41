package planted.schedule;

final class KnowsAdapter {
  planted.executor.popen.Adapter planted;
}
