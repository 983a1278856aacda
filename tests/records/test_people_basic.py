from datetime import UTC, datetime
from app.records import people, sign_ins, triggers, keys
from app.records.engine import open_session, migrate
NOW=datetime(2026,11,21,12,tzinfo=UTC)
def test_a(engine):
    with open_session(engine, True) as s:
        p=people.register(s, login="Ana", password_hash="x", name="Ana", now=NOW, country="FJ", organisation="Ministry")
        t=sign_ins.start(s,p.id,"own",NOW)
        s.commit()
    h=keys.hash_of(t)
    with open_session(engine, False) as s:
        assert people.find_login(s,"ANA").id==p.id
        assert sign_ins.find(s,h)==sign_ins.find_with_standing(engine,h,"")
        assert triggers.present(s.connection())==triggers.names(engine.dialect.name)
def test_b(empty_url):
    from app.records.engine import create_engine
    e=create_engine(empty_url); migrate(e); migrate(e); e.dispose()
