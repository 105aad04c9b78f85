"""The pages (design, section 7: templates/): server-rendered from the same answers as the API's; every act works without a script."""
