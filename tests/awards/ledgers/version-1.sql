BEGIN TRANSACTION;
CREATE TABLE effect (
	id INTEGER NOT NULL, 
	run VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempt INTEGER DEFAULT '0' NOT NULL, 
	in_doubt BOOLEAN DEFAULT 0 NOT NULL, 
	answer VARCHAR(16) DEFAULT '' NOT NULL, 
	nones INTEGER DEFAULT '0' NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	badge TEXT DEFAULT '' NOT NULL, 
	recipient TEXT DEFAULT '' NOT NULL, 
	recipient_type TEXT DEFAULT '' NOT NULL, 
	issued_on TEXT DEFAULT '' NOT NULL, 
	call TEXT DEFAULT '' NOT NULL, 
	cells TEXT DEFAULT '' NOT NULL, 
	earlier TEXT DEFAULT '' NOT NULL, 
	replaces TEXT DEFAULT '' NOT NULL, 
	assertion_id TEXT DEFAULT '' NOT NULL, 
	assertion_url TEXT DEFAULT '' NOT NULL, 
	error_code TEXT DEFAULT '' NOT NULL, 
	error_message TEXT DEFAULT '' NOT NULL, 
	request_id TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	sent_at TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(run) REFERENCES run (id)
);
INSERT INTO "effect" VALUES(1,'ANDD',2,'award','awarded',1,0,'',0,'318c9f47749ec602ed871546ce3c53ebeab41956b4b9642893c4c37817aeb528','MathExpertBadge000000A','person2@example.edu','email','2026-11-25T22:46:28.531000+00:00','{"recipient":{"identity":"person2@example.edu","type":"email","hashed":true},"issuedOn":"2026-11-25T22:46:28.531Z","allowDuplicateAwards":false}','{"email":"person2@example.edu"}','[]','','assertion-0','https://example.org/a','','','5919651b48914025959525d8316db5b6','','2026-11-25T22:51:29.361168Z');
INSERT INTO "effect" VALUES(2,'ANDD',3,'award','awarded',1,0,'',0,'5d722b152122747bda003c61170edea0684e706e1cc532aa9fa23eb79bfbd5ec','MathExpertBadge000000A','person3@example.edu','email','2026-11-25T22:46:28.554000+00:00','{"recipient":{"identity":"person3@example.edu","type":"email","hashed":true},"issuedOn":"2026-11-25T22:46:28.554Z","allowDuplicateAwards":false}','{"email":"person3@example.edu"}','[]','','assertion-1','https://example.org/a','','','24f6895103e748c7ae5d461448b48386','','2026-11-25T22:51:29.361168Z');
INSERT INTO "effect" VALUES(3,'ANDD',4,'award','awarded',1,0,'',0,'83bdf45fa717b5ea62537b30c274bbe552473bf8d43a5fc515b8d34386d36587','MathExpertBadge000000A','person4@example.edu','email','2026-11-25T22:46:28.636000+00:00','{"recipient":{"identity":"person4@example.edu","type":"email","hashed":true},"issuedOn":"2026-11-25T22:46:28.636Z","allowDuplicateAwards":false}','{"email":"person4@example.edu"}','[]','','assertion-2','https://example.org/a','','','eaf211a400894964801138fc1a165b11','','2026-11-25T22:51:29.361168Z');
INSERT INTO "effect" VALUES(4,'ANDD',5,'award','sending',1,0,'',0,'f28735f7df87365eec451250224f871d463a320e1c5161e30be2b51c6ba016f1','MathExpertBadge000000A','person5@example.edu','email','2026-11-25T22:46:28.468000+00:00','{"recipient":{"identity":"person5@example.edu","type":"email","hashed":true},"issuedOn":"2026-11-25T22:46:28.468Z","allowDuplicateAwards":false}','{"email":"person5@example.edu"}','[]','','','','','','','','2026-11-25T22:51:29.492043Z');
INSERT INTO "effect" VALUES(5,'ANDD',6,'award','planned',0,0,'',0,'3e882d9c461cca3bfbd6213fe4b740bf44d953b5542e6b2c451bd0e1ee70e808','MathExpertBadge000000A','person6@example.edu','email','2026-11-25T22:46:28.127000+00:00','{"recipient":{"identity":"person6@example.edu","type":"email","hashed":true},"issuedOn":"2026-11-25T22:46:28.127Z","allowDuplicateAwards":false}','{"email":"person6@example.edu"}','[]','','','','','','','','');
INSERT INTO "effect" VALUES(6,'ANDD',7,'award','planned',0,0,'',0,'88fd241c2263bf65d48b2fa89b7c1e9e9fdfc5de89d81e75d9504e5ab3124bb6','MathExpertBadge000000A','person7@example.edu','email','2026-11-25T22:46:28.820000+00:00','{"recipient":{"identity":"person7@example.edu","type":"email","hashed":true},"issuedOn":"2026-11-25T22:46:28.820Z","allowDuplicateAwards":false}','{"email":"person7@example.edu"}','[]','','','','','','','','');
CREATE TABLE happening (
	id INTEGER NOT NULL, 
	effect INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	at TEXT DEFAULT '' NOT NULL, 
	event TEXT DEFAULT '' NOT NULL, 
	state TEXT DEFAULT '' NOT NULL, 
	error_code TEXT DEFAULT '' NOT NULL, 
	error_message TEXT DEFAULT '' NOT NULL, 
	request_id TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(effect) REFERENCES effect (id)
);
INSERT INTO "happening" VALUES(1,1,1,'2026-11-25T22:51:29.406002Z','Awarded','awarded','','','5919651b48914025959525d8316db5b6');
INSERT INTO "happening" VALUES(2,2,1,'2026-11-25T22:51:29.424808Z','Awarded','awarded','','','24f6895103e748c7ae5d461448b48386');
INSERT INTO "happening" VALUES(3,3,1,'2026-11-25T22:51:29.425003Z','Awarded','awarded','','','eaf211a400894964801138fc1a165b11');
CREATE TABLE ledger (
	version INTEGER NOT NULL
);
INSERT INTO "ledger" VALUES(1);
CREATE TABLE listing (
	run VARCHAR(32) NOT NULL, 
	phase VARCHAR(8) NOT NULL, 
	assertion_id VARCHAR(255) NOT NULL, 
	badge TEXT DEFAULT '' NOT NULL, 
	person TEXT DEFAULT '' NOT NULL, 
	recipient TEXT DEFAULT '' NOT NULL, 
	is_revoked BOOLEAN NOT NULL, 
	is_live BOOLEAN NOT NULL, 
	PRIMARY KEY (run, phase, assertion_id), 
	FOREIGN KEY(run) REFERENCES run (id)
);
CREATE TABLE pace (
	name VARCHAR(255) NOT NULL, 
	next_at FLOAT NOT NULL, 
	paused_until FLOAT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE run (
	id VARCHAR(32) NOT NULL, 
	created_at TEXT DEFAULT '' NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	origin TEXT DEFAULT '' NOT NULL, 
	account TEXT DEFAULT '' NOT NULL, 
	issuer TEXT DEFAULT '' NOT NULL, 
	is_service BOOLEAN NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	obstacle TEXT DEFAULT '' NOT NULL, 
	header TEXT DEFAULT '' NOT NULL, 
	lease FLOAT NOT NULL, 
	settle FLOAT NOT NULL, 
	timeout FLOAT NOT NULL, 
	patience FLOAT NOT NULL, 
	precision VARCHAR(16) DEFAULT 'milliseconds' NOT NULL, 
	library_version TEXT DEFAULT '' NOT NULL, 
	holder TEXT DEFAULT '' NOT NULL, 
	holder_host TEXT DEFAULT '' NOT NULL, 
	holder_pid INTEGER DEFAULT '0' NOT NULL, 
	holder_beat INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "run" VALUES('ANDD','2026-11-25T22:51:29.018270Z','graduates.csv','http://127.0.0.1:1','self','issuer',0,'stopped','','["email"]',1.0,0.4,0.5,5.0,'milliseconds','0.1.0','','',0,2);
CREATE INDEX effect_by_assertion ON effect (assertion_id) WHERE assertion_id != '';
CREATE INDEX effect_by_number ON effect (run, number);
CREATE UNIQUE INDEX effect_unique_key ON effect ("key") WHERE state IN ('awarded', 'needs_person', 'planned', 'revoking', 'sending', 'unknown');
CREATE INDEX effect_by_state ON effect (run, state, id);
CREATE INDEX listing_by_person ON listing (run, phase, person);
CREATE INDEX happening_by_effect ON happening (effect);
COMMIT;
