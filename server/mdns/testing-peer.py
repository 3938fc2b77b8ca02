"""Another implementation of mDNS (python3-zeroconf). `browse TYPE` prints what it finds as JSON lines; `address NAME` asks for it again and again."""
import json
import sys
import threading
import time

from zeroconf import DNSOutgoing, DNSQuestion, ServiceBrowser, Zeroconf, current_time_millis

IN, A = 1, 1
zeroconf = Zeroconf()


def tell(**fact):
    print(json.dumps(fact), flush=True)


class Listener:
    def tell(self, what, type_, name):
        info = zeroconf.get_service_info(type_, name, 5000) if what != "gone" else None
        addresses = sorted(info.parsed_addresses()) if info else []
        tell(what=what, name=name, server=info and info.server, port=info and info.port, addresses=addresses)

    def add_service(self, _zeroconf, type_, name):
        self.tell("found", type_, name)

    def update_service(self, _zeroconf, type_, name):
        self.tell("changed", type_, name)

    def remove_service(self, _zeroconf, type_, name):
        self.tell("gone", type_, name)


def ask(name):
    while True:
        query = DNSOutgoing(0)
        query.add_question(DNSQuestion(name, A, IN))
        zeroconf.send(query)
        time.sleep(0.5)
        known = zeroconf.cache.entries_with_name(name)
        addresses = sorted({".".join(map(str, one.address)) for one in known if one.type == A and not one.is_expired(current_time_millis())})
        tell(what="address", addresses=addresses)


if sys.argv[1] == "browse":
    ServiceBrowser(zeroconf, sys.argv[2] + ".local.", Listener())
else:
    threading.Thread(target=ask, args=(sys.argv[2] + ".local.",), daemon=True).start()
sys.stdin.read()
zeroconf.close()
