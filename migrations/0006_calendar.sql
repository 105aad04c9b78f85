-- Cases whose dates rest on a year that was not published: asked for page by page when it is, and every hour after.

create index cases_provisional on cases (case_id) where provisional and phase <> 'archived';
