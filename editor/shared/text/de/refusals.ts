/**
 * Deutsch: why the server refuses something, or could not do it, by the code of its answer. A page that knows more of a refusal says it
 * itself (templates, findings of a deploy, connections); what has no German here is said in the server's English.
 *
 * Of some codes the facts stand in the English sentence alone: those say it behind the German one (`withDetail`).
 */
type Facts = Readonly<Record<string, unknown>>
interface Refusal {
  says: (facts: Facts) => string
  withDetail?: true
}

const plain = (text: string): Refusal => ({ says: () => text })
/** The sentence of the server follows, in brackets. */
const detailed = (text: string): Refusal => ({ says: () => text, withDetail: true })

const refusals: Readonly<Record<string, Refusal>> = {
  // the way to the server
  unreachable: plain('Der Server ist nicht zu erreichen. Das Netz prüfen und noch einmal versuchen.'),
  'server-slow': {
    says: ({ seconds }) =>
      `Der Server hat ${typeof seconds === 'number' ? `in ${seconds} s` : 'zu lange'} nicht geantwortet. Das Netz prüfen und noch einmal versuchen.`,
  },
  'not-signed-in': plain('Zuerst anmelden.'),
  'not-allowed': detailed('Dazu fehlt Ihrer Rolle das Recht. Bei der Verwaltung nachfragen.'),
  'not-found': plain('Hier gibt es nichts.'),
  'too-many-requests': detailed('Das waren zu viele Anfragen. Kurz warten, dann noch einmal versuchen.'),
  'store-away': plain('Die Datenbank antwortet gerade nicht. Sobald sie wieder da ist, geht es weiter; dann noch einmal versuchen.'),
  'store-full': plain('Der Datenträger der Datenbank ist voll. Platz schaffen; es wurde nichts geschrieben.'),
  'store-slow': plain('Das hat die Datenbank zu lange aufgehalten. Weniger auf einmal verlangen, oder später noch einmal versuchen.'),
  'disk-full': plain('Der Datenträger ist voll. Platz im Datenordner schaffen; es wurde nichts gespeichert.'),
  'disk-critical': plain(
    'Kein Programm beginnt: Der Datenträger ist fast voll, und was die Maschine tut, muss sich bis zu seinem Ende aufschreiben lassen. Was läuft, läuft weiter; Tippen, Referenzfahrt, HALT und STOPP gehen. Platz schaffen (Einstellungen, Zustand sagt, was ihn belegt), dann noch einmal starten.',
  ),
  closing: plain('Der Server wird gerade beendet. Noch einmal versuchen, wenn er wieder da ist.'),
  'no-own-authority': plain(
    'Dieser Server hat keine eigene Zertifizierungsstelle: Sein Zertifikat kommt vom Betrieb, oder ein Proxy davor hat eines. Es ist nichts zu installieren.',
  ),
  'no-https': plain(
    'Dieser Server spricht selbst kein HTTPS: Nur dieser Rechner erreicht ihn, oder ein Proxy davor hat das Zertifikat. Es ist nichts zu erneuern.',
  ),
  'certificate-given': plain(
    'Das Zertifikat dieses Servers kommt vom Betrieb (CELLWRIGHT_TLS_CERT). Dort erneuern, wo es gemacht wird; geänderte Dateien werden von selbst gelesen.',
  ),
  'acme-failed': detailed('Die Zertifizierungsstelle hat kein Zertifikat gegeben; das bisherige bleibt in Gebrauch.'),
  'acme-hook-failed': detailed('Das Programm, das den Eintrag im DNS setzt, ist gescheitert.'),
  'redis-away': detailed('Redis antwortet nicht.'),
  'runtime-away': plain(
    'Die Ablaufumgebung läuft gerade nicht. Sie wird von selbst gestartet; in einigen Sekunden noch einmal versuchen. Stopp und Halt gehen.',
  ),
  'runtime-lost': plain('Die Ablaufumgebung ging weg, bevor sie antwortete. Es kann trotzdem geschehen sein: nachsehen, bevor Sie es noch einmal versuchen.'),
  'runtime-busy': plain('Die Ablaufumgebung kommt nicht nach. Das wurde nicht weitergegeben; in einigen Sekunden noch einmal versuchen.'),
  'runtime-slow': plain('Die Ablaufumgebung hat nicht rechtzeitig geantwortet. Es kann noch geschehen: nachsehen, bevor Sie es noch einmal versuchen.'),

  'invalid-input': detailed('Eine Angabe stimmt nicht.'),
  'text-invalid': plain('Ein Text enthält das Zeichen U+0000, das sich nicht speichern lässt. Es herausnehmen; es wurde nichts geschrieben.'),
  'move-in-refused': detailed('Das lässt sich nicht lesen. Es wurde nichts gespeichert.'),
  'move-in-unknown': plain(
    'Darin ist nichts, was hier bekannt ist. Bringen Sie ein Benutzerverzeichnis von Node-RED (ein Ordner mit settings.js oder flows.json) als .zip oder .tar.gz, die .cncrc von CNCjs, Einstellungen oder Makros von gSender oder UniversalGcodeSender.json.',
  ),
  'move-in-not-found': plain('Das gibt es nicht mehr: Mitgebrachtes bleibt zwei Wochen. Bringen Sie es noch einmal.'),
  'move-in-secret-wrong': plain(
    'Dieses Geheimnis öffnet die Passwörter und Schlüssel nicht. Es ist credentialSecret aus der settings.js, mit der Node-RED lief, Buchstabe für Buchstabe.',
  ),
  'move-in-nothing-picked': plain('Von dem Gewählten ist nichts zu übernehmen: Es ist schon hier, oder es kann nicht mitkommen. Es wurde nichts geändert.'),
  'move-in-too-large': detailed('Das ist mehr, als ein Entwurf fasst. Wählen Sie einen Teil, rollen Sie ihn aus, dann den Rest.'),
  'body-broken-off': plain('Die Übertragung brach vor ihrem Ende ab. Es wurde nichts gespeichert.'),
  'secret-unreadable': plain(
    'Ein gespeichertes Geheimnis lässt sich mit dem Schlüssel dieser Installation nicht lesen. Es neu eingeben, oder den richtigen Schlüssel zurücklegen.',
  ),
  'demo-exists': plain('Die Vorführwerkstatt ist schon da: Im Designer ist ihr Ablauf zu sehen, auf der Seite „Bedienung“ wird er gestartet.'),

  // notifications, mail, webhooks
  'delivery-not-found': plain('Das ist nicht mehr aufgehoben. Die Seite neu laden.'),
  'delivery-not-dead': plain('Das wurde nicht aufgegeben: Es ist unterwegs, oder angekommen.'),
  'rule-not-found': plain('Diese Regel gibt es nicht mehr. Die Seite neu laden.'),
  'rule-tells-nobody': plain('Diese Regel sagt es niemandem. Personen, eine Rolle, eine Mailadresse, einen Webhook oder eine Verbindung wählen.'),
  'rule-target-gone': plain('Jemand oder etwas in dieser Regel ist nicht mehr da. Die Seite neu laden.'),
  'nobody-signed-in': plain('Das ist für eine Person, die angemeldet ist: nicht für ein Bedienfeld, ein Programm oder die Befehlszeile.'),
  'no-way': plain('Noch kann nichts zu Ihnen kommen. Eine Mailadresse angeben, oder diesen Browser Meldungen zeigen lassen.'),
  'too-many-devices': plain('Es zeigen schon 20 Browser Ihre Meldungen. Einen entfernen, den Sie nicht mehr benutzen.'),
  'push-address': plain('Das ist nicht die Adresse eines Push-Dienstes. Meldungen in diesem Browser noch einmal erlauben.'),
  'mail-password-in-clear': plain('Ohne Verschlüsselung ginge das Passwort lesbar durchs Netz. STARTTLS oder TLS wählen, oder Name und Passwort weglassen.'),
  'mail-password-again': plain('Das gespeicherte Passwort gehört zu einem anderen Server oder Namen. Das Passwort für diesen eingeben.'),
  'mail-ca': plain('Das ist kein Zertifikat in PEM-Form („-----BEGIN CERTIFICATE-----“). Das der Zertifizierungsstelle angeben, nicht ihren Schlüssel.'),
  'webhook-ca': plain('Das ist kein Zertifikat in PEM-Form („-----BEGIN CERTIFICATE-----“). Das der Zertifizierungsstelle angeben, nicht ihren Schlüssel.'),
  'webhook-not-found': plain('Diesen Webhook gibt es nicht mehr. Die Seite neu laden.'),
  'webhook-address': detailed('Diese Adresse geht nicht.'),
  'webhook-private': detailed('Diese Adresse liegt in einem privaten Netz. Ankreuzen, dass sie das darf, wenn es so gemeint ist.'),
  'webhook-plain': detailed('Dorthin ginge alles unverschlüsselt. https nehmen, oder ankreuzen, dass die Adresse im eigenen Netz liegt.'),

  // gauge studies and sampling
  'study-not-found': plain('Diese Messsystemanalyse gibt es nicht. Eine aus der Liste wählen.'),
  'study-exists': plain('Eine Messsystemanalyse mit diesem Namen gibt es schon. Einen anderen Namen geben.'),
  'study-changed': plain('Jemand anders hat diese Analyse inzwischen geändert. Noch einmal ansehen, dann weitermachen.'),
  'study-closed': plain('Diese Analyse ist abgeschlossen. Mit einem Grund wieder öffnen, oder eine andere planen.'),
  'study-open': plain('Diese Analyse ist offen.'),
  'study-has-readings': plain('Es gibt schon Messwerte: Teile, Prüfer, Wiederholungen und Einheit bleiben. Für andere eine neue Analyse planen.'),
  'study-plan-invalid': detailed('So geht der Plan nicht auf.'),
  'study-place-unknown': detailed('Das kommt im Plan der Analyse nicht vor.'),
  'study-place-taken': plain('Das ist schon gemessen. Ist der Messwert falsch, ihn mit einem Grund berichtigen.'),
  'study-reading-not-found': plain('Diesen Messwert gibt es nicht. Die Analyse noch einmal ansehen.'),
  'study-reading-corrected': plain('Jemand hat diesen Messwert inzwischen berichtigt. Die Analyse noch einmal ansehen.'),
  'study-incomplete': plain('Es fehlen noch Messwerte. Erst zu Ende messen.'),
  'study-no-result': detailed('Aus diesen Messwerten ergibt sich kein Ergebnis.'),
  'csv-invalid': detailed('Diese Tabelle kann so nicht übernommen werden. Nichts wurde übernommen.'),
  'sampling-plan-not-found': plain('Diesen Stichprobenplan gibt es nicht. Einen aus der Liste wählen.'),
  'sampling-plan-exists': plain('Einen Stichprobenplan mit diesem Namen gibt es schon. Einen anderen Namen geben.'),
  'sampling-plan-changed': plain('Jemand anders hat diesen Plan inzwischen geändert. Noch einmal ansehen, dann ändern.'),
  'sampling-plan-retired': plain('Dieser Plan ist außer Gebrauch. Einen anderen wählen, oder ihn wieder in Gebrauch nehmen.'),
  'aql-for-counts': plain('Ein AQL über 10 zählt Fehler je 100 Teile. Für fehlerhafte Teile 10 oder weniger nehmen, oder Fehler zählen.'),
  'sampling-discontinued': plain(
    'Die Prüfung nach Stichprobe ist für diesen Plan ausgesetzt: Zu viele Lose wurden bei verschärfter Prüfung zurückgewiesen. Jedes Teil prüfen, bis die Ursache behoben ist; dann beginnt ein Techniker sie wieder.',
  ),
  'sampling-moved-on': plain('Inzwischen wurde ein Los beurteilt, oder jemand hat die Prüfschärfe gesetzt. Den Plan noch einmal ansehen.'),
  'severity-not-allowed': detailed('Diese Prüfschärfe geht hier nicht.'),
  'lot-not-found': plain('Dieses Los gibt es nicht. Eines aus der Liste wählen.'),
  'lot-exists': plain('Dieses Los ist in diesem Plan schon da. Kommt es nach einer Rückweisung wieder, das ankreuzen; sonst seine eigene Nummer eingeben.'),
  'lot-not-rejected': plain('Dieses Los wurde in diesem Plan nicht zurückgewiesen: Es kann nicht wiederkommen. Als neues Los eintragen.'),
  'lot-judged': plain('Dieses Los hat sein Ergebnis. Ist es falsch, mit einem Grund berichtigen.'),
  'lot-open': plain('Dieses Los hat noch kein Ergebnis. Erst eintragen.'),
  'lot-withdrawn': plain('Dieses Los wurde zurückgezogen. Neu aufnehmen.'),
  'finding-invalid': detailed('Das kann so nicht gefunden worden sein.'),

  'module-not-allowed': plain(
    'Dieses Modul darf hier nicht installiert werden. Was installiert wird, läuft mit den Rechten der Ablaufumgebung: Erst ansehen, dann erlauben.',
  ),
  'palette-restart-first': plain(
    'Die Ablaufumgebung weiß noch nicht, dass dieses Modul in dieser Version erlaubt ist. Erst die Laufzeit neu starten, dann installieren.',
  ),
  'module-not-found': plain('Dieses Modul gibt es in dieser Version nicht. Die Schreibweise prüfen, und ob dieser Server die npm-Registry erreicht.'),
  'module-there': plain('Dieses Modul ist in dieser Version schon installiert.'),
  'module-stays': plain('Dieses Modul gehört zum Produkt und bleibt.'),
  'module-in-use': plain('Abläufe verwenden dieses Modul. Seine Knoten aus den Abläufen nehmen, ausrollen, dann entfernen.'),
  'install-failed': detailed('npm hat es nicht geschafft. Das Protokoll der Ablaufumgebung sagt mehr; Netz und freien Platz prüfen.'),
  'setting-value-invalid': plain('Das kann diese Einstellung nicht sein. Etwas wählen, was die Seite anbietet.'),

  // signing in
  'sign-in-wrong': plain('Name und Passwort gehören nicht zusammen. Beides prüfen; im Passwort zählen Groß- und Kleinschreibung.'),
  'account-disabled': plain('Dieses Konto ist abgeschaltet. Bei der Verwaltung nachfragen.'),
  'pin-wrong': plain('Diese PIN stimmt nicht. Nach zu vielen falschen Versuchen wird sie für eine Weile gesperrt.'),
  'pin-locked': plain('Zu viele falsche PINs: Sie ist für eine Weile gesperrt. Mit dem Passwort anmelden, oder warten.'),
  'password-wrong': plain('Das jetzige Passwort stimmt nicht.'),
  // signing in through the company
  'provider-not-found': plain('Diese Art der Anmeldung gibt es nicht mehr. Die Seite neu laden und eine andere wählen.'),
  'provider-away': plain(
    'Der Anbieter ist gerade nicht zu erreichen. In einer Minute noch einmal versuchen; sonst der Verwaltung sagen: Sie kommt immer mit Passwort hinein.',
  ),
  'provider-misset': plain(
    'Der Anbieter und dieser Server verstehen sich nicht. Die Verwaltung muss die Einstellungen dieser Anmeldung ansehen; das Protokoll sagt mehr.',
  ),
  'provider-refused': plain(
    'Der Anbieter hat Sie nicht eingelassen: Die Anmeldung wurde dort abgebrochen, oder Ihr Konto dort ist gesperrt, abgelaufen oder braucht ein neues Passwort. Dort in Ordnung bringen, dann noch einmal versuchen.',
  ),
  'sign-in-stale': plain('Diese Anmeldung ist vorbei: Sie dauerte zu lange, wurde schon benutzt oder begann in einem anderen Browser. Noch einmal beginnen.'),
  'sign-in-unproven': plain(
    'Was vom Anbieter zurückkam, beweist nicht, wer Sie sind; niemand wurde angemeldet. Noch einmal beginnen; geschieht es wieder, der Verwaltung sagen.',
  ),
  'claims-missing': plain(
    'Der Anbieter sagt zu wenig über Sie: Ihr Benutzername oder Ihre Gruppen fehlen. Die Verwaltung muss die Einstellungen dieser Anmeldung ansehen.',
  ),
  'no-role': plain('Sie sind bekannt, aber keine Ihrer Gruppen hat hier eine Rolle. Bei der Verwaltung um eine davon bitten.'),
  'name-taken': plain(
    'Ihr Benutzername gehört hier schon jemandem. Sind Sie das, dann jetzt mit Ihrem Passwort anmelden: Beides wird eins. Sonst bei der Verwaltung nachfragen.',
  ),
  'not-let-in': plain('Sie sind bekannt, aber noch hat Sie hier niemand eingelassen. Die Verwaltung sieht, dass Sie warten.'),
  'password-not-here': plain('Passwörter von Cellwright sind hier für die Verwaltung. Über die Firma anmelden, mit dem Knopf auf der Anmeldeseite.'),
  'shortcut-stale': plain('PIN und Ausweis müssen bestätigt werden: einmal über die Firma anmelden, dann gelten sie wieder einige Wochen.'),
  'nothing-to-link': plain('Hier gibt es nichts mehr zu verbinden. Noch einmal über die Firma anmelden, dann einmal mit dem Passwort.'),
  'link-other-person': plain(
    'Nur wer diesen Benutzernamen hat und mit Passwort angemeldet ist, kann diese Anmeldung mit sich verbinden. Die Verwaltung kann es für ihn tun.',
  ),
  'provider-invalid': detailed('So lässt sich dieser Anbieter nicht einrichten.'),
  'provider-secret-missing': detailed('Das Geheimnis (noch einmal) eingeben: Von selbst geht es an keinen anderen Server.'),
  'trial-over': plain('Diese Probe ist vorbei: Sie hat zu lange gedauert oder begann in einer anderen Sitzung. Probieren Sie es noch einmal.'),
  'trial-other-address': {
    says: ({ base }) =>
      `Der Anbieter schickt zurück zu ${String(base)}, diese Seite aber wurde unter einem anderen Namen geöffnet: Dort würde Ihr Browser Sie nicht kennen. Öffnen Sie ${String(base)} und probieren Sie es dort.`,
  },
  'recheck-not-possible': plain(
    'Dort lässt sich niemand nachschlagen: Dazu braucht es ein Verzeichnis mit einem Dienstkonto. Sitzungen enden nach den eingestellten Stunden.',
  ),
  'provider-needs-all': plain('Anbieter sagen, wer jemand ist, auch wer verwaltet: Nur wer alle Rechte hat, ändert sie oder lässt Leute ein.'),
  'no-provider-on': plain('Kein Anbieter ist eingeschaltet: Niemand könnte sich anmelden. Zuerst einen einschalten.'),
  'no-local-admin': plain('Niemand aus der Verwaltung hat ein Passwort: Ist der Anbieter weg, käme niemand hinein. Zuerst jemandem eines geben.'),
  'not-waiting': plain('Diese Person wartet nicht mehr: Jemand anderes hat sie eingelassen oder abgewiesen. Die Liste neu laden.'),
  'already-linked': plain('Diese Person gehört bei dem Anbieter schon zu jemandem, oder diese Anmeldung zu einer anderen Person. Das zuerst lösen.'),

  'user-name-taken': plain('Dieser Name ist vergeben (Groß- und Kleinschreibung zählen nicht). Einen anderen wählen.'),
  'last-admin': plain(
    'Das ist die letzte Person mit Verwaltungsrechten, die sich ohne Anbieter anmelden kann. Zuerst jemand anderem mit Passwort diese Rechte geben.',
  ),
  'cannot-sign-in': {
    says: ({ untied }) =>
      untied === undefined
        ? 'Ein Passwort, eine PIN oder einen Link vorsehen: Ohne eines davon könnte sich diese Person nicht anmelden.'
        : `${String(untied)} könnte sich dann nicht mehr anmelden, und für eine PIN würde niemand mehr bürgen. Vergeben Sie zuerst ein Passwort, oder schalten Sie das Konto ab.`,
  },
  'account-not-found': plain('Dieses Konto gibt es nicht. Die Liste neu laden.'),
  'kiosk-not-found': plain('Diese Tafel gibt es nicht mehr.'),
  'not-with-token': plain('Das ist für angemeldete Personen, nicht für API-Token.'),
  'setup-done': plain('Das erste Konto gibt es schon. Anmelden, oder die Verwaltung um ein Konto bitten.'),
  'setup-code-wrong': plain('Der Code stimmt nicht. Die ganze Adresse nehmen, die beim Start des Servers ausgegeben wurde.'),
  'role-too-wide': plain('Diese Rolle dürfte mehr als Sie selbst. Niemand gibt mehr Rechte weiter, als er hat: Eine andere Rolle wählen.'),
  'role-unknown': plain('Diese Rolle gibt es nicht mehr. Eine andere wählen.'),
  'role-not-found': plain('Diese Rolle des Betriebs gibt es nicht mehr. Die Liste neu laden.'),
  'role-name-taken': plain('Eine Rolle mit diesem Namen gibt es schon. Einen anderen wählen.'),
  'role-in-use': plain('Personen oder API-Token haben diese Rolle noch. Ihnen zuerst eine andere geben.'),
  'person-has-more': plain('Diese Person darf mehr als Sie. Jemand mit diesen Rechten muss ihr Konto ändern.'),
  'own-account': plain('Das ist Ihr eigenes Konto. Das Passwort wird unter „Mein Konto“ geändert; entfernen kann es eine andere Person.'),
  'session-not-found': plain('Diese Sitzung ist schon beendet.'),
  'link-invalid': plain('Dieser Link gilt nicht oder nicht mehr: Jeder gilt einmal und drei Tage lang. Bei der Verwaltung um einen neuen bitten.'),
  'pin-weak': plain(
    'Diese PIN gehört zu den ersten, die andere versuchen würden (eine Reihe von Ziffern, oder immer wieder dieselben). Eine wählen, die nicht so leicht zu erraten ist.',
  ),
  'password-same': plain('Das neue Passwort ist das bisherige. Ein anderes wählen.'),
  'no-own-password': plain(
    'Sie melden sich ohne ein Passwort von Cellwright an, also ist keines zu ändern. Die Verwaltung kann einen Link machen, um eines zu wählen.',
  ),
  'too-many-tries': plain('Das Passwort war zu oft falsch. Einige Minuten warten, oder die Verwaltung um einen Link bitten, um ein neues zu wählen.'),
  'last-way-in': plain('Die PIN ist Ihr einziger Weg, sich anzumelden. Zuerst von der Verwaltung ein Passwort geben lassen.'),
  'token-not-found': plain('Dieses Token gibt es nicht, oder es ist schon widerrufen.'),
  'badge-taken': plain('Dieser Ausweis gehört schon jemand anderem.'),
  'badge-unknown': plain('Dieser Ausweis gehört noch niemandem. Einmal mit PIN oder Passwort anmelden und ihn unter dem eigenen Namen koppeln.'),

  // jobs and queues
  'job-not-found': plain('Diesen Auftrag gibt es nicht, oder er ist so lange her, dass er nicht mehr aufbewahrt wird.'),
  'job-not-waiting': plain('Dieser Auftrag wartet nicht mehr: Er hat inzwischen begonnen oder ist beendet. Die Tafel noch einmal ansehen.'),
  'job-not-ended': plain('Dieser Auftrag ist noch nicht beendet.'),
  'job-completed': plain('Dieser Auftrag ist fertig geworden: Es gibt nichts noch einmal zu versuchen.'),
  'job-retried': plain('Dieser Auftrag wurde schon noch einmal versucht.'),
  'job-not-dead': plain('Um diesen Auftrag hat sich schon jemand gekümmert.'),
  'job-ended': plain('Dieser Auftrag ist schon beendet.'),
  'job-active': plain('Daran wird gerade gearbeitet.'),
  'job-seen': plain('Dieser Auftrag wurde schon einmal begonnen und läuft nie ein zweites Mal. Einen neuen starten.'),
  'not-a-program': plain(
    'Das lässt sich nicht auf eine andere Maschine verschieben: Nur Programme gehen von Maschine zu Maschine, und keines mit einem Start in der Mitte.',
  ),
  'machine-cannot': detailed('Diese Maschine kann das Programm nicht ausführen.'),
  'other-queue': plain('Der Auftrag steht inzwischen in einer anderen Warteschlange. Die Tafel noch einmal ansehen.'),
  'queue-draining': plain('Diese Warteschlange wird leer gefahren und nimmt nichts Neues an. Auf der Seite „Aufträge“ freigeben, dann noch einmal einreihen.'),
  'queue-not-found': plain('Diese Warteschlange gibt es nicht.'),
  'no-job-in': detailed('Kein laufender Ablauf nimmt Aufträge dieses Namens an. Einen mit einem Knoten „Auftragseingang“ dieses Namens ausrollen.'),
  'cancelled-in-part': detailed('Der Auftrag wurde abgebrochen, aber nicht alles ließ sich beenden.'),

  // triggers
  'trigger-off': plain('Dieser Auslöser ist ausgeschaltet. Zuerst einschalten.'),
  'trigger-not-found': plain('Diesen Auslöser gibt es in den laufenden Abläufen nicht.'),
  'trigger-gone': plain('Dieser Auslöser gehört nicht mehr zu den laufenden Abläufen, oder sein Ablauf ist ausgeschaltet.'),
  'trigger-elsewhere': plain('Dieser Auslöser wirkt auf eine Maschine, die an einem anderen Rechner hängt. Auf dessen Seiten auslösen.'),
  forbidden: plain('Dieser Auslöser startet von selbst. Ihn von Hand auszulösen braucht das Recht, Abläufe auszurollen.'),
  'value-missing': detailed('Ein Wert fehlt oder stimmt nicht.'),

  // runs
  'run-not-found': plain('Diesen Lauf gibt es nicht, oder er ist älter als das, was aufbewahrt wird.'),
  'run-ended': plain('Dieser Lauf ist schon beendet.'),
  'run-cancelled': plain('Dieser Lauf wurde abgebrochen: Nichts von ihm wartet mehr, und nichts geht weiter.'),
  'message-not-whole': plain(
    'Was dieser Schritt bekommen hat, ist nur zum Teil aufbewahrt (zu groß, ein Geheimnis darin, oder etwas, das keine Daten sind). Es kann nicht noch einmal gesendet werden.',
  ),
  'message-not-kept': plain('Was dieser Schritt bekommen hat, ist nicht aufbewahrt. Es kann nicht noch einmal gesendet werden.'),
  'node-gone': plain('Dieser Schritt gehört nicht mehr zu den ausgerollten Abläufen. Jene Version wieder ausrollen, oder mit einem anderen Schritt beginnen.'),
  'motion-ahead': plain(
    'Auf diesem Weg kann der Ablauf eine Maschine bewegen. Sicherstellen, dass niemand an ihr ist und sie eingerichtet ist wie damals, und das bestätigen.',
  ),

  // steps that wait
  'answered-already': plain('Das hat schon jemand beantwortet.'),
  'comment-missing': plain('In der Bemerkung sagen, warum, und dann noch einmal drücken.'),
  'step-changed': plain('Der Schritt hat sich inzwischen geändert. Noch einmal ansehen.'),
  'step-ended': plain('Dieser Schritt ist schon beendet.'),
  'step-over': detailed('Der Schritt, zu dem diese Nachricht gehört, ist beendet.'),
  'step-too-big': detailed('Was dieser Schritt aufbewahren müsste, ist zu groß. Große Daten in eine Datei oder ein Programm legen und deren Namen senden.'),
  'nobody-asked': plain('Hier wurde niemand etwas gefragt.'),
  'button-gone': plain('Diese Taste gehört nicht mehr zu den laufenden Abläufen. Die Tafel neu laden.'),
  'node-not-running': plain('Der Knoten dieses Schritts ist nicht in den laufenden Abläufen: Er wurde entfernt, ausgeschaltet oder ist nicht eingerichtet.'),
  'step-not-found': plain('Diesen Schritt gibt es nicht, oder er ist so lange her, dass er nicht mehr aufbewahrt wird.'),

  // characteristics and their charts
  'characteristic-not-length': detailed('Nach diesem Merkmal lässt sich kein Nullpunkt korrigieren: Es muss eine Länge mit einem Nennmaß sein.'),
  'correction-unknown': plain('Diesen Vorschlag gibt es nicht. Die Nachricht muss den des vorschlagenden Nodes mitbringen, z. B. in msg.payload.proposalId.'),
  'correction-settled': detailed('Was aus diesem Vorschlag wurde, steht schon anders fest.'),
  'characteristic-not-found': plain('Dieses Merkmal gibt es nicht. Eines aus der Liste der Merkmale wählen.'),
  'characteristic-exists': plain(
    'Ein Merkmal mit diesem Namen gibt es für dieses Teil, diesen Stand und diesen Arbeitsgang schon. Das andere ändern, oder diesem einen anderen Namen geben.',
  ),
  'characteristic-changed': plain('Dieses Merkmal wurde inzwischen geändert. Noch einmal ansehen, dann die Änderung neu machen.'),
  'tolerance-reversed': plain('Die untere Grenze liegt über der oberen: Nichts könnte je in Toleranz sein. Beide vertauschen.'),
  'chart-not-fitting': detailed('Die Art der Karte passt nicht zu diesem Merkmal.'),
  'unit-fixed': plain(
    'Dieses Merkmal wurde schon in einer anderen Einheit gemessen: Seine Werte würden etwas anderes bedeuten. Ablegen und eines in der neuen Einheit anlegen.',
  ),
  'limits-impossible': detailed('Daraus werden keine Eingriffsgrenzen.'),
  'subgroup-not-found': plain('Diesen Punkt gibt es auf der Karte nicht.'),
  'catalogue-entry-exists': plain('Das steht schon im Katalog.'),
  'catalogue-entry-not-found': plain('Diese Ursache oder Maßnahme gibt es nicht.'),
  'signal-not-found': plain('Dieses Signal hat das Merkmal nicht.'),
  'measurement-by-name': plain('Dieser Messwert ist aus der Zeit vor der Liste der Merkmale und gehört zu keinem: Er bleibt, wie er ist.'),
  'entry-id-used': plain('Das wurde schon einmal mit anderen Werten eingegeben. Ansehen, was gespeichert ist, dann neu eingeben.'),
  'chart-away': detailed('Die Karte konnte nicht berechnet werden. Noch einmal versuchen.'),

  // gauges and measurements
  'gauge-exists': plain('Ein Messgerät mit diesem Namen gibt es schon. Die Nummer benutzen, die darauf steht, oder das andere ausmustern.'),
  'gauge-changed': plain('Jemand hat dieses Messgerät inzwischen geändert. Ansehen, wie es jetzt ist, und noch einmal ändern.'),
  'gauge-not-found': plain('Dieses Messgerät gibt es nicht. Eines aus der Liste der Messgeräte wählen.'),
  'due-date-missing': plain('Eingeben, bis wann diese Kalibrierung gilt, oder dem Messgerät ein Intervall geben.'),
  'calibration-reversed': plain('Die nächste Kalibrierung wäre fällig, bevor diese gemacht wurde. Die beiden Tage prüfen.'),
  'calibration-ahead': plain(
    'Diese Kalibrierung liegt in der Zukunft. Eingeben, wann sie gemacht wurde; was geplant ist, ist der Tag, an dem die nächste fällig ist.',
  ),
  'gauge-overdue': detailed(
    'Mit diesem Messgerät wird hier nicht gemessen: Seine Kalibrierung gilt nicht. Ein anderes nehmen, oder seine Kalibrierung eintragen.',
  ),
  'no-request': plain(
    'Dieses Messgerät sendet nur von selbst: In seiner Verbindung ist nichts eingestellt, womit es gefragt wird. Das eintragen, oder die Taste am Messgerät drücken.',
  ),
  'gauge-lost': detailed('Die Leitung zum Messgerät ist weg. Sie wird von selbst wieder geöffnet; den Stecker prüfen.'),
  'serial-measured': detailed('Dieses Teil wurde schon gemessen. Die Seriennummer prüfen; was falsch eingegeben wurde, berichtigen.'),
  'unit-differs': detailed('Der Wert ist in einer anderen Einheit, als hier gemessen wird. Das Messgerät umstellen.'),
  'value-invalid': detailed('Das ist kein Wert, der sich eintragen lässt.'),
  'field-missing': detailed('Es fehlt etwas, wonach dieses Merkmal fragt.'),
  'characteristic-locked': plain('Vor dem nächsten Wert müssen Ursache und Maßnahme des letzten angegeben werden.'),
  'characteristic-retired': plain('Dieses Merkmal wird nicht mehr gemessen.'),
  'size-missing': plain('Angeben, von wie vielen gezählt wurde.'),
  'measurement-not-found': plain('Diesen Messwert gibt es nicht.'),

  // machines, and why a program does not start
  'machine-not-found': plain('Diese Maschine gibt es nicht.'),
  'machine-exists': plain('Eine Maschine mit dieser Kennung gibt es schon. Eine andere wählen, oder jene ändern.'),
  'port-of-connection': detailed('Eine Verbindung hat diese Schnittstelle. Sie zuerst ausschalten oder ihr ihre eigene geben; dann die Maschine daran binden.'),
  'machine-busy': detailed('Die Maschine ist belegt. Warten, bis sie frei ist, oder sie stoppen.'),
  'machine-not-idle': detailed('Die Maschine steht nicht bereit.'),
  'machine-elsewhere': detailed('Diese Maschine hängt an einem anderen Rechner. Von hier lässt sie sich stoppen und anhalten; alles andere geht dort.'),
  'machine-changed': detailed(
    'Die Maschine ist nicht mehr so, wie das Programm geprüft wurde. Jemand hat sie an der Steuerung benutzt. Das Programm noch einmal starten.',
  ),
  'not-restored': detailed('Die Maschine ist nicht so, wie das Programm sie verlassen hat. Sie ansehen, dann weiterfahren oder stoppen.'),
  'guard-gone': plain(
    'Der Bewegungswächter dieser Maschine antwortet nicht, also wurde nichts an sie gesendet. Er wird von selbst gestartet. Muss die Maschine jetzt stehen, ihren Not-Halt benutzen.',
  ),
  'stop-not-confirmed': detailed('Das wurde NICHT bestätigt. Davon ausgehen, dass die Maschine nicht steht: ihren Not-Halt benutzen.'),
  'link-down': plain('Die Steuerung ist nicht verbunden. Kabel und Strom prüfen; der Wächter zeigt es, wenn sie wieder da ist.'),
  'position-not-trusted': plain('Die Position der Maschine ist nicht sicher. Zuerst die Referenzfahrt machen; von Hand verfahren geht.'),
  'interlock-open': detailed(
    'Die Maschine darf sich nicht bewegen: Eine Verriegelung ist nicht sicher. Das in Ordnung bringen, oder nachsehen, warum sie nicht mehr gemeldet wird.',
  ),
  'wrong-tool': detailed('Das Programm beginnt mit einem anderen Werkzeug. Es einsetzen und das bestätigen, dann starten.'),
  'tool-not-measured': detailed('Die Länge des Werkzeugs stimmt nicht sicher. Es zuerst messen.'),
  'no-tool-reference': plain(
    'Für Werkzeuglängen gibt es noch keinen Bezug. Das Werkzeug einsetzen, mit dem der Nullpunkt gesetzt wurde, es als Bezug messen, dann dieses messen.',
  ),
  'lease-stale': plain(
    'Die Maschine gehört Ihnen nicht mehr: Sie wurde zurückgegeben, oder es kam zu lange nichts von Ihnen. Noch einmal nehmen; es wurde nichts gesendet.',
  ),
  'plan-stale': plain('Dieser Plan gilt nicht mehr. Den Start neu ausrechnen lassen, ihn ansehen, und dann starten.'),
  'program-not-found': plain('Dieses Programm gibt es nicht. Hochladen, oder in der Liste nach seinem Namen sehen.'),
  'program-empty': plain('Das Programm hat keine Zeile, die sich senden ließe. Prüfen, ob es die richtige Datei ist.'),
  'program-missing': plain('Das Programm lässt sich nicht lesen. Noch einmal laden und neu starten.'),
  'program-changed': plain('Die Programmdatei ist nicht die, die gewählt wurde: Ihr Inhalt hat sich geändert. Noch einmal laden und neu starten.'),
  'program-invalid': detailed('Das ist kein G-Code-Programm. Es wurde nichts gespeichert.'),
  'program-in-use': plain('Ein Auftrag braucht dieses Programm noch. Ihn zuerst abbrechen, oder auf sein Ende warten.'),
  'file-missing': plain('Die Datei dieses Programms liegt nicht mehr im Datenordner. Noch einmal hochladen.'),
  'line-not-found': plain('Das Programm hat diese Zeile nicht, und dahinter keine, die ausgeführt wird. Eine frühere wählen.'),
  'start-line-unsafe': detailed('An dieser Zeile kann das Programm nicht beginnen.'),
  'check-failed': detailed('Das Programm ließ sich nicht prüfen. Es wurde nichts gesendet; noch einmal versuchen.'),
  'journal-failed': plain(
    'Der Auftrag wurde nicht begonnen, da sich sein Beginn nicht aufschreiben lässt. Platz auf dem Datenträger schaffen und noch einmal starten.',
  ),
  'not-held': detailed('Die Maschine wurde nicht fortgesetzt.'),
  'resume-failed': plain('Die Steuerung bleibt im Halt. Nach der Maschine sehen: Eine Tür oder ein Taster kann sie dort halten.'),
  'homing-failed': detailed('Die Referenzfahrt kam nicht zu ihrem Ende.'),
  'probe-failed': detailed('Das Antasten ging nicht.'),
  'no-answer': plain('Die Steuerung ist durch einen Alarm gesperrt und beantwortet keine Zeile. Die Ursache suchen, dann entsperren, was sie zurücksetzt.'),
  'offset-moved': detailed('Der Nullpunkt liegt nicht mehr dort, von wo aus gerechnet wurde. Es wurde nichts gesetzt. Neu rechnen lassen.'),
  'proposal-differs': detailed('Der Vorschlag ist für einen anderen Nullpunkt. Es wurde nichts gesetzt.'),
  'controller-refused': detailed('Die Steuerung hat das abgelehnt.'),
  'line-refused': detailed('Diese Zeile wurde nicht gesendet.'),
  'outside-envelope': detailed('Das ginge über den Weg der Maschine hinaus. Es wurde nichts gesendet.'),
  stopped: plain('Es wurde beendet, bevor es fertig war, da inzwischen Halt, Stopp oder Fortsetzen verlangt wurde. Es wird nichts mehr davon gesendet.'),
  'nothing-to-answer': detailed('Die Antwort wurde nicht angenommen.'),
  'outcome-unknown': detailed('Was daraus geworden ist, ist nicht bekannt. Nach der Maschine sehen, bevor es weitergeht.'),
  'timed-out': detailed('Es hat zu lange gedauert und wurde aufgegeben.'),

  'answer-not-possible': detailed('So lässt sich darauf nicht antworten.'),
  'stopped-before-start': detailed('Es wurde nichts gestartet.'),
  'move-cut-short': detailed('Die Fahrt endete vor ihrem Ziel. Sie wurde an der Steuerung abgebrochen, oder eine Grenze dort hat sie verkürzt.'),
  'override-failed': detailed('Die Steuerung hat die Overrides nicht übernommen. Vielleicht sind sie dort ausgeschaltet.'),
  'too-many-commands': detailed('Dieser Maschine wurden zu viele Befehle in einer Sekunde gegeben. Langsamer; es wurde nichts gesendet.'),
  'controller-unclear': detailed('Die Steuerung hat auf eine Frage nichts Brauchbares geantwortet. Noch einmal versuchen, wenn sie bereitsteht.'),
  'setting-unknown': detailed('Diese Einstellung hat die Steuerung nicht. Es wurde nichts geschrieben.'),
  'interlock-unknown': detailed('Diese Verriegelung hat die Maschine nicht.'),
  'tool-change-unknown': plain('In den Einstellungen steht nicht, wie ein Werkzeug gewechselt wird.'),
  'work-offset-unknown': detailed('Dieser Nullpunkt ist nicht bekannt.'),
  'not-supported': detailed('Das hat diese Steuerung nicht, oder die Maschine ist nicht dafür eingerichtet.'),
  'not-for-flows': plain(
    'Ein Ablauf ändert keine Einstellungen einer Steuerung: Das tut eine Person mit dem Recht dazu auf der Seite der Maschine. Es wurde nichts gesendet.',
  ),
  'action-id-used': plain('Unter dieser Kennung wurde schon etwas anderes verlangt. Es wurde nichts gesendet; eine neue nehmen.'),
  'program-not-visible': detailed('Das Programm wurde nicht gestartet, da LinuxCNC es nicht lesen kann.'),
  'linuxcnc-refused': detailed('LinuxCNC hat die Verbindung abgelehnt. Die Passwörter in den Einstellungen der Maschine prüfen.'),
  'linuxcnc-units': detailed('LinuxCNC rechnet in einer unbekannten Einheit.'),

  // looking for a controller
  'adapter-unclear': detailed('Dieser Adapter steckt mehr als einmal. Den Anschluss selbst wählen.'),
  'no-controller': detailed('Dort wurde keine Steuerung gefunden.'),
  'no-port': plain('Die virtuelle Steuerung hat noch nicht gesagt, wo sie zu erreichen ist. Gleich noch einmal versuchen.'),
  'ports-unknown': detailed('Das Betriebssystem sagt nicht, welche seriellen Anschlüsse es hat.'),
  'port-not-opened': detailed('Die virtuelle Steuerung bekommt keinen Anschluss.'),
  'link-failed': detailed('Die Verbindung zur Steuerung kam nicht zustande.'),
  'link-in-use': plain('Hinter dieser Verbindung sieht gerade schon jemand nach. Warten, bis das zu Ende ist.'),

  // machines of other hosts
  'host-unknown': detailed('Einen Rechner dieses Namens gibt es an dieser Datenbank nicht.'),
  'host-gone': detailed('Jener Rechner läuft gerade nicht: Niemand würde die Maschine bewachen. Ihn zuerst starten.'),
  'host-lives': detailed('Dieser Rechner läuft. Ihn zuerst beenden.'),
  'host-has-machines': detailed('An diesem Rechner hängen noch Maschinen. Sie zuerst verschieben oder entfernen.'),
  'host-silent': detailed('Der andere Rechner hat nicht rechtzeitig geantwortet. Ob er es gehört hat, ist nicht bekannt.'),
  'host-unreachable': detailed('Der andere Rechner ist gerade nicht zu erreichen.'),
  'machine-moved': plain('Jemand anderes hat die Maschine inzwischen verschoben oder entfernt. Noch einmal ansehen.'),
  'old-host-silent': detailed(
    'Von dem Rechner, an dem die Maschine hing, ist nichts zu hören: Dort kann noch ein Programm laufen. Hingehen; steht sie und ist ihr Kabel umgesteckt, das bestätigen und sie verschieben.',
  ),

  // programs rewritten
  'transform-failed': detailed('Das Programm ließ sich nicht umschreiben. Es wurde nichts gespeichert.'),
  'transform-busy': plain('Gerade werden andere Programme umgeschrieben. Gleich noch einmal versuchen.'),
  'helper-failed': detailed('Der Prozess, der das tun sollte, endete ohne Antwort. Noch einmal versuchen.'),

  // the panel
  'controlled-elsewhere': detailed('Die Maschine wird gerade von Hand bewegt. HALT oder STOPP drücken, wenn sie es nicht soll, oder warten, bis sie steht.'),
  'control-lost': plain('Danach fragt niemand mehr. Es wurde nichts geändert.'),
  'too-many-panels': detailed('Es sind schon zu viele Tafeln offen. Einige schließen.'),
  'panel-unknown': plain('Der Server kennt diese Tafel noch nicht. Gleich noch einmal versuchen.'),
  'too-late': plain(
    'Was Sie gedrückt haben, kam über eine schlechte Verbindung zu spät an, also wurde nichts an die Maschine gesendet. Nach ihr sehen und noch einmal drücken.',
  ),
  'layout-wrong': detailed('Diese Anordnung lässt sich so nicht verwenden.'),
  'layout-changed': plain('Diese Anordnung hat inzwischen jemand anderes gespeichert. Ansehen, was jetzt gilt, dann noch einmal speichern.'),
  'dashboard-page-gone': plain(
    'Diese Dashboard-Seite ist nicht mehr in den laufenden Abläufen, oder sie ist ausgeschaltet. Den Reiter herausnehmen oder eine andere Seite wählen.',
  ),
  'frame-closed': plain('Dieses Dashboard hat jemand geöffnet, der die Tafel verlassen hat, oder der Server wurde neu gestartet. Es neu öffnen.'),
  'message-not-found': plain('Diese Meldung gibt es nicht mehr. Die Seite neu laden.'),

  // flows
  'version-mismatch': plain(
    'Die Abläufe hat inzwischen jemand anderes geändert. Die jetzigen laden, die eigene Änderung einbringen und noch einmal ausrollen.',
  ),
  'flow-protected': detailed('Dieser Ablauf ist geschützt: Eine Änderung braucht das Ja einer zweiten Person. Es wurde nichts geändert.'),
  'flow-not-protected': plain('Dieser Ablauf ist nicht geschützt.'),
  'request-not-found': plain('Diesen Antrag gibt es nicht.'),
  'request-decided': plain('Über diesen Antrag hat gerade jemand anderes entschieden.'),
  'request-changed': plain('Ausgerollt würde nicht mehr, was Ihnen gezeigt wurde. Den Antrag neu laden und ansehen.'),
  'not-own-request': plain('Zurückziehen kann ihn nur, wer ihn gestellt hat. Sie können ihn ablehnen und sagen, warum.'),
  'author-not-allowed': plain('Wer das beantragt hat, darf keine Abläufe mehr ausrollen. Den Antrag ablehnen, oder jemand anderen ihn stellen lassen.'),
  'stock-read-only': plain(
    'Der Dialog eines Knotens kann auf dem Server nichts ändern. Was in ihm gemacht wird, steht im Designer und gilt nach dem Ausrollen dort.',
  ),
  'install-not-allowed': detailed('Knoten-Pakete werden hier nicht installiert.'),
  'condition-invalid': detailed('Die Bedingung ist kein gültiges JSONata.'),
  'edit-not-possible': detailed('Das lässt sich in der Nachricht nicht ändern. Es wurde nichts geändert.'),
  'deploy-not-testing': plain('Dieses Ausrollen ist nicht (mehr) bei seinen Tests, oder es gehört jemand anderem.'),
  'deploy-stopped': plain('Das Ausrollen wurde aufgegeben, während seine Tests liefen. Es wurde nichts geändert.'),
  'rehearsal-not-found': plain('Diese Probe gibt es nicht mehr. Nur die letzten werden aufbewahrt; noch einmal proben.'),
  'rehearsal-failed': detailed('Die Probe ließ sich nicht durchführen.'),
  'flow-test-not-found': plain('Diesen Test gibt es nicht mehr.'),
  'flow-not-found': plain('Diesen Ablauf gibt es ausgerollt nicht. Zuerst ausrollen.'),
  'version-not-found': plain('Diese Version gibt es nicht.'),
  'version-current': plain('Diese Version gilt jetzt. Es gibt nichts zurückzuholen.'),
  'version-not-restorable': detailed('Diese Version lässt sich ansehen und vergleichen, nicht zurückholen.'),
  'version-removed': plain(
    'In dieser Version war es entfernt. Sie zurückzuholen hieße, es noch einmal zu entfernen: Das geht dort, wo es eingestellt wird. Sonst eine Version wählen, in der es da ist.',
  ),
  'deploy-failed': detailed('Die Abläufe ließen sich nicht starten.'),

  // inspections and reports
  'inspection-not-found': plain('Diese Prüfung gibt es nicht.'),
  'inspection-plan-not-found': plain('Diesen Prüfplan gibt es nicht.'),
  'inspection-plan-exists': plain('Für dieses Teil in dieser Revision gibt es schon einen Prüfplan dieser Art. Diesen ändern oder außer Gebrauch nehmen.'),
  'inspection-plan-changed': plain('Den Prüfplan hat inzwischen jemand anderes geändert. Den jetzigen ansehen, dann noch einmal ändern.'),
  'inspection-plan-invalid': detailed('Der Prüfplan ist noch nicht vollständig.'),
  'inspection-plan-retired': plain('Dieser Prüfplan ist außer Gebrauch. Einen anderen wählen oder ihn wieder in Gebrauch nehmen.'),
  'serials-too-many': plain('Es sind mehr Seriennummern als Teile. Angeben, wie viele Teile geprüft werden.'),
  'inspection-signed': plain('Diese Prüfung ist nicht mehr offen: Jemand hat sie bestätigt oder zurückgezogen. Zuerst wieder öffnen.'),
  'inspection-changed': plain('Diese Prüfung hat inzwischen jemand anderes geändert. Ansehen, was jetzt dasteht, dann noch einmal.'),
  'inspection-incomplete': plain('Die Prüfung ist nicht vollständig. Die Liste daneben sagt, was fehlt.'),
  'balloon-not-found': plain('Dieses nummerierte Merkmal gibt es an diesem Teil im Plan nicht.'),
  'result-missing': plain('Ein Ergebnis fehlt: den Wert eintragen, einen vorhandenen Messwert wählen oder sagen, ob es entspricht.'),
  'result-id-used': plain('Diese Kennung gehört schon zu einem anderen Ergebnis.'),
  'measurement-of-another': plain('Dieser Messwert gehört zu einem anderen Merkmal.'),
  'own-signature': plain('Diese Prüfung ist von Ihnen selbst bestätigt: Eine zweite Person muss entscheiden.'),
  'reports-busy': plain('Gerade werden viele Berichte erstellt. Gleich noch einmal versuchen.'),
  'report-too-long': plain('So viele Messwerte wären ein PDF von Hunderten Seiten. Weniger wählen oder als CSV nehmen.'),
  'aqdef-invalid': detailed('Die AQDEF-Datei wurde nicht übernommen. Nichts wurde eingetragen.'),
  'aqdef-too-long': plain('Die Datei ist zu lang. Teilen oder weniger Merkmale wählen.'),
  'aqdef-busy': plain('Gerade wird eine andere Datei übernommen. Danach noch einmal versuchen.'),
  'report-failed': detailed('Der Bericht ließ sich nicht erstellen.'),

  // documents of quality
  'document-not-found': plain('Dieses Dokument gibt es nicht.'),
  'document-changed': plain('Jemand anderes hat dieses Dokument inzwischen geändert. Den jetzigen Stand ansehen und es dann noch einmal tun.'),
  'document-fixed': detailed('In diesem Stand lässt sich das nicht mehr ändern. Mit Grund zu einem früheren Stand zurückgehen.'),
  'document-incomplete': detailed('Zuerst ausfüllen, was noch fehlt.'),
  'document-key-used': plain('Dieser Schlüssel gehört schon zu einem anderen Dokument. Noch einmal beginnen.'),
  'day-invalid': { says: ({ day }) => `Den ${String(day ?? 'angegebenen')} gibt es im Kalender nicht. Einen anderen Tag wählen.` },
  'move-not-possible': plain('Das Dokument hat inzwischen einen anderen Stand. Noch einmal ansehen.'),
  'own-request': plain('Darum haben Sie selbst gebeten: Eine zweite Person muss entscheiden.'),
  'approve-in-person': plain('Entscheiden kann nur, wer selbst angemeldet ist: Ein API-Token könnte jedem gehören. Im Browser öffnen.'),
  'reason-missing': plain('Sagen, warum: Es steht im Verlauf.'),
  'revision-not-found': plain('Diese Fassung gibt es nicht.'),
  'pattern-invalid': detailed('So lassen sich Nummern nicht vergeben.'),

  // connections
  'connection-not-found': plain('Diese Verbindung gibt es nicht.'),
  'connection-off': plain('Diese Verbindung läuft gerade nicht. Ihre Seite sagt, warum.'),
  'connection-in-use': detailed('Laufende Abläufe benutzen diese Verbindung. Zuerst herausnehmen, oder trotzdem entfernen: Sie warten dann auf nichts.'),
  'connector-host-away': plain('Der Prozess, der die Verbindungen hält, läuft gerade nicht. Er wird von selbst neu gestartet; gleich noch einmal versuchen.'),

  // back-ups
  'backup-running': plain('Es läuft schon eine Sicherung oder Prüfung, und es läuft immer nur eine. Ihr Ende abwarten, oder sie anhalten.'),
  'backup-not-found': plain('Diese Sicherung gibt es auf diesem Rechner nicht mehr.'),
  'backup-locked': plain('Das ist nicht die Passphrase dieser Sicherung, oder sie wurde mit einem Schlüssel verschlossen (so wie die vor einem Upgrade).'),
  'backup-damaged': plain('Die Sicherung ist beschädigt: Sie wurde verändert, oder ihr Ende fehlt. Eine andere nehmen.'),
  'not-a-backup': plain('Das ist keine Sicherung von Cellwright, oder ihr Anfang ist beschädigt.'),
  'passphrase-untypable': plain(
    'Die Passphrase enthält Zeichen, die niemand tippen kann. Buchstaben, Ziffern, Leerzeichen und Zeichen der Tastatur nehmen: Beim Wiederherstellen wird sie noch einmal getippt.',
  ),
  'passphrase-weak': plain('Die Passphrase einer Sicherung hat mindestens 12 Zeichen: Wer die Datei hat, kann beliebig oft probieren.'),
  'backup-plan-incomplete': plain(
    'So entstehen noch keine Sicherungen von selbst: Es fehlt die Passphrase, oder das Passwort, der Schlüssel oder der Server-Schlüssel des Ziels.',
  ),
  'backup-place': plain('Diese Angabe des Ziels stimmt nicht. Den ganzen Pfad des Ordners oder die ganze Adresse angeben.'),
  'restored-not-held': plain('Die Abläufe dieses Rechners stehen nicht wegen einer Wiederherstellung still.'),
  'place-folder': plain('Den Ordner des Ziels gibt es nicht, oder er ist von hier nicht zu sehen. Ihn anlegen, oder das Laufwerk einhängen.'),
  'place-full': plain('Der Datenträger des Ziels ist voll. Dort Platz schaffen, oder weniger Sicherungen behalten.'),
  'place-refused': detailed('In das Ziel darf von hier nicht geschrieben werden.'),
  'place-host-key': detailed('Der Server zeigt einen anderen Schlüssel als den vereinbarten. Es wurde nichts gesendet.'),
  'place-sign-in': plain('Der Server nimmt diese Anmeldung nicht an: Name, Passwort oder Schlüssel prüfen.'),
  'place-key': plain('Der private Schlüssel ist nicht zu lesen: Er muss im Format von OpenSSH oder PEM sein, ohne eigene Passphrase.'),
  'place-bucket': plain('Diesen Bucket gibt es dort nicht.'),
  'place-unreachable': detailed('Das Ziel ist nicht zu erreichen, oder die Verbindung brach ab.'),
  'place-not-the-same': plain('Was am Ziel liegt, ist nicht, was gesendet wurde. Die Sicherung auf diesem Rechner ist in Ordnung.'),
}

/** @returns undefined where there is no German */
export function germanRefusal(code: string, details: unknown, english: string): string | undefined {
  if (!Object.hasOwn(refusals, code)) return undefined
  const { says, withDetail } = refusals[code] as Refusal
  const german = says((typeof details === 'object' && details !== null ? details : {}) as Facts)
  return withDetail ? `${german} (${english})` : german
}

/** The codes that have German here. */
export const refusalCodes: readonly string[] = Object.keys(refusals)
