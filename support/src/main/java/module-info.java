/** The ground floor: what every module needs and none is about. */
module sluice.support {
  requires jdk.jfr;

  exports sluice.support;
  exports sluice.support.agent;
  exports sluice.support.events;
  exports sluice.support.linux;
  exports sluice.support.memory;
  exports sluice.support.text;
  exports sluice.support.time;
}
